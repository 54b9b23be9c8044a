"""``serve``: the HTTP API of the book, on this machine only."""

from __future__ import annotations

from typing import Annotated

import typer

from medcollect.cli.command import Door, command
from medcollect.cli.guard import DONE

LOOPBACK = "127.0.0.1"


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    command(
        app,
        "serve",
        "the HTTP API, on this machine",
        "medcollect serve  # on http://127.0.0.1:8000/api/v1",
        "medcollect serve --book office.db --port 8080  # another book, another port",
        "curl http://127.0.0.1:8000/api/v1/health  # is it up?",
        "curl http://127.0.0.1:8000/api/v1/openapi.json  # everything it can do",
        hint="There is no login yet, so only this machine may connect: another --host is refused.",
    )(serve)


def serve(
    door: Door,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen: loopback only.")
    ] = LOOPBACK,
    port: Annotated[int, typer.Option(min=1, max=65535, metavar="PORT", help="The port.")] = 8000,
) -> int:
    """Serve the book over HTTP under /api/v1 until Ctrl-C stops it."""
    start_server(door, host, port)
    return DONE


def start_server(door: Door, host: str, port: int) -> None:
    """Run the API; it refuses every address that other machines can reach."""
    from api.guard import loopback_address
    from api.server import serve as serve_book

    loopback_address(host)
    typer.echo(f"Serving http://{host}:{port}/api/v1 until Ctrl-C", err=True)
    try:
        serve_book(door.book_url, host, port, door.settings)
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
