"""``medcollect serve``: the API on this machine, until it is stopped."""

from __future__ import annotations

import logging
import socket
from functools import partial

import uvicorn

from api.app import create_app
from api.deps import open_real_book
from api.guard import loopback_address
from api.settings import Settings
from medcollect.errors import NotAllowed


def serve(
    book_url: str, host: str = "127.0.0.1", port: int = 8000, settings: str | None = None
) -> None:
    """Serve one book until interrupted; ``settings`` names its settings file.

    Raises :class:`~medcollect.errors.NotAllowed` unless ``host`` is this machine's loopback, or
    when the port is taken.
    """
    listener = listen(host, port)
    app = create_app(Settings(book_url=book_url), partial(open_real_book, settings=settings))
    _log_to_stderr()
    # uvicorn's own access log writes whole paths; ours writes those that a route knows.
    config = uvicorn.Config(app, access_log=False, log_level="warning", server_header=False)
    with listener:
        uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket, on loopback only."""
    address = loopback_address(host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listener = socket.create_server((address, port), family=family)
    except OSError as error:
        message = f"Port {port} cannot be used: {error.strerror or 'it is taken'}."
        raise NotAllowed(message, "Choose another one with --port.") from error
    # Without it every answer waits 40 ms for the client's acknowledgement of its headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _log_to_stderr() -> None:
    log = logging.getLogger("medcollect.api")
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
