"""What a person sees when a command cannot go on, and the exit code that scripts rely on.

    0    done
    1    done, with findings of severity error or exceptions left; or an import broke off half-way
    2    the command could not be understood
    3    nothing was done, or an unexpected fault stopped it (whole remittances stay posted)
    130  stopped by Ctrl-C

A message never holds a patient's data: unexpected faults are told by their kind and place in the
program, and the traceback is shown only with ``MEDCOLLECT_DEBUG=1``.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import typer

from medcollect.errors import BadRequest, ImportStopped, MedcollectError

DONE = 0
DONE_WITH_ERRORS = 1
NOT_UNDERSTOOD = 2
NOTHING_DONE = 3
INTERRUPTED = 130


def run_guarded(work: Callable[[], int], *, as_json: bool) -> int:
    """Run a command and turn whatever stops it into a message and an exit code."""
    try:
        code = work()
        sys.stdout.flush()
    except typer.Exit:
        raise
    except (MedcollectError, typer.Abort) as error:
        return _refused(error, as_json=as_json)
    except KeyboardInterrupt:
        tell("Stopped", "What was finished is kept.", _RUN_AGAIN, as_json=as_json)
        return INTERRUPTED
    except OSError as error:
        return _refused_outside(error, as_json=as_json)
    except Exception as error:
        tell("Stopped by a fault in medcollect", _place(error), _REPORT_IT, as_json=as_json)
        return NOTHING_DONE
    return code


def _refused(error: MedcollectError | typer.Abort, *, as_json: bool) -> int:
    """Say why the book refused, or that a person did not answer, and the exit code for it."""
    if isinstance(error, typer.Abort):
        return no_answer(as_json=as_json)
    if isinstance(error, ImportStopped):
        tell("Stopped", error.message, error.action, as_json=as_json, import_id=error.import_id)
        return DONE_WITH_ERRORS
    tell("Nothing done", error.message, error.action or _LOOK_AGAIN, as_json=as_json)
    return NOT_UNDERSTOOD if isinstance(error, BadRequest) else NOTHING_DONE


_RUN_AGAIN = "Run it again to go on; 'medcollect report imports' shows what an import brought in."
_LOOK_AGAIN = "Check the spelling; --help shows examples."
_REPORT_IT = (
    "Please report this line. MEDCOLLECT_DEBUG=1 shows the details, which may hold patients' data."
)


def no_answer(*, as_json: bool) -> int:
    """A question was put to a person and nobody answered it."""
    action = "Give the answer as an option; --help shows it."
    tell("Nothing done", "A question was not answered.", action, as_json=as_json)
    return NOTHING_DONE


def tell(
    what: str, message: str, action: str, *, as_json: bool, import_id: str | None = None
) -> None:
    """Say what stopped the command: a sentence for people, an object for scripts."""
    if os.environ.get("MEDCOLLECT_DEBUG") == "1":
        traceback.print_exc()
    if as_json:
        from medcollect.cli.command import write_json

        error = {"message": message, "action": action}
        write_json({"error": error if import_id is None else {**error, "import": import_id}})
        return
    typer.secho(f"{what}: {message}", err=True, fg=typer.colors.RED)
    if action:
        typer.echo(action, err=True)


#: What a write to stdout fails with; files have names, and writing them has its own errors.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def _refused_outside(error: OSError, *, as_json: bool) -> int:
    """What the operating system refused: the reader's end of stdout, or a file."""
    if isinstance(error, BrokenPipeError):
        return _reader_left()
    if error.filename is None and error.errno in _NO_ROOM:
        return _unsaid(error)
    tell("Nothing done", _outside(error), "Check the path and try again.", as_json=as_json)
    return NOTHING_DONE


def _outside(error: OSError) -> str:
    """What the operating system said, with the file it said it about."""
    reason = error.strerror or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason


def _place(error: Exception) -> str:
    """The kind of an unexpected fault and where it arose; never its text, which may hold data."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "medcollect" in Path(frame.filename).parts] or frames
    last = ours[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno} ({last.name})"


def _reader_left() -> int:
    """Whoever read our output has had enough (``| head``): stop quietly."""
    _discard_stdout()
    return DONE


def _unsaid(error: OSError) -> int:
    """The command was carried out and its answer could not be written."""
    _discard_stdout()
    message = f"The answer could not be written ({error.strerror or type(error).__name__})."
    action = "Free some space or write it elsewhere. What the command changed stays changed."
    tell("Stopped", message, action, as_json=False)
    return NOTHING_DONE


def _discard_stdout() -> None:
    """Let what is left to write go nowhere, or Python complains of it while it shuts down."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
