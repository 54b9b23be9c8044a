"""The command line: reads what a person asks, calls the book, shows the answer.

No decision about money is made here. ``main`` is the entry point of the ``medcollect`` command.
Nothing heavy is imported at the top of a module of this room: ``medcollect --help`` must answer
in well under half a second.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; the exit code follows the contract (see ``guard.py``).

    Ctrl-C while the program is still being loaded ends it as it does later.
    """
    try:
        from medcollect.cli.app import app

        app()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. Nothing was begun.\n")
        sys.exit(130)
