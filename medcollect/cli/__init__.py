"""The command line: reads what a person asks, calls the book, shows the answer.

No decision about money is made here. ``main`` is the entry point of the ``medcollect`` command.
Nothing heavy is imported at the top of a module of this room: ``medcollect --help`` must answer
in well under half a second.
"""

from __future__ import annotations

from medcollect.cli.app import main

__all__ = ["main"]
