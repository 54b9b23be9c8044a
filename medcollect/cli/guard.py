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
    except (typer.Exit, typer.Abort):
        raise
    except MedcollectError as error:
        return _refused(error, as_json=as_json)
    except KeyboardInterrupt:
        message = "Stopped. What was finished is kept; run it again to go on."
        if as_json:
            _tell("Stopped", message, _RUN_AGAIN, as_json=True)
        else:
            typer.echo(f"\n{message}", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_left()
    except OSError as error:
        _tell("Nothing done", _outside(error), "Check the path and try again.", as_json=as_json)
        return NOTHING_DONE
    except Exception as error:
        _tell("Stopped by a fault in medcollect", _place(error), _REPORT_IT, as_json=as_json)
        return NOTHING_DONE
    return code


def _refused(error: MedcollectError, *, as_json: bool) -> int:
    """Say why the book refused, and the exit code for it."""
    if isinstance(error, ImportStopped):
        _tell("Stopped", error.message, error.action, as_json=as_json, import_id=error.import_id)
        return DONE_WITH_ERRORS
    _tell("Nothing done", error.message, error.action or _LOOK_AGAIN, as_json=as_json)
    return NOT_UNDERSTOOD if isinstance(error, BadRequest) else NOTHING_DONE


_RUN_AGAIN = "Run the same command again."
_LOOK_AGAIN = "Check the spelling; --help shows examples."
_REPORT_IT = (
    "Please report this line. MEDCOLLECT_DEBUG=1 shows the details, which may hold patients' data."
)


def _tell(
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
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return DONE
