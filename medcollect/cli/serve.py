"""``serve``: the HTTP API of the book, on this machine only."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

import typer

from medcollect.cli.command import Door, command
from medcollect.cli.guard import DONE
from medcollect.errors import NotAllowed

LOOPBACK = "127.0.0.1"


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    command(
        app,
        "serve",
        "medcollect serve  # then open http://127.0.0.1:8000/docs",
        "medcollect --book office.db serve --port 8080  # another book, another port",
        hint="There is no login yet, so only this machine may connect.",
    )(serve)


def serve(
    door: Door,
    host: Annotated[str, typer.Option(help="Where to listen: loopback only.")] = LOOPBACK,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port.")] = 8000,
) -> int:
    """Serve the book over HTTP under /api/v1, with its documentation under /docs."""
    start_server(door.book_url, host, port)
    return DONE


def start_server(book_url: str, host: str, port: int) -> None:
    """Run the API until it is stopped; refuses to be reachable from other machines."""
    if not _is_loopback(host):
        message = (
            f"Serving on {host} would let other machines read patients' records, "
            "and this version has no login."
        )
        raise NotAllowed(message, f"Leave --host out, or say --host {LOOPBACK}.")
    import uvicorn

    from api.app import create_app

    typer.echo(f"Serving http://{host}:{port} (Ctrl-C stops it)", err=True)
    uvicorn.run(create_app(book_url), host=host, port=port, log_level="warning", access_log=False)


def _is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
