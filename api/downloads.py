"""Files on their way out: kept as files, never opened as a page of ours."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from fastapi import Response

from medcollect.files.names import safe_name

#: What any file is sent with: no browser guesses its type, runs it, or keeps a copy.
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox",
    "Cache-Control": "no-store",
}


def download(content: bytes, media_type: str, file_name: str) -> Response:
    """Give a file to be saved under its name; what could lead elsewhere is left out of that."""
    name = safe_name(file_name)
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {**_HEADERS, "Content-Disposition": disposition}
    # The type as a header: given as a media type, text would get a character set of ours.
    return Response(content, headers={**headers, "Content-Type": media_type})


def any_file(description: str) -> dict[int | str, dict[str, Any]]:
    """Describe an answer that is a file of whatever type it has."""
    content = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"description": description, "content": content}}
