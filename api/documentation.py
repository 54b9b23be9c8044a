"""The API for people to read: one page made from the OpenAPI document, without any script.

The usual pages load scripts from the internet into this origin, where they could read every
record; this one needs none.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem; border-bottom: 1px solid } dt { font-family: monospace }
code, pre { font: 14px/1.5 monospace } dd { margin: 0 0 .3rem 2rem } p { margin: .3rem 0 }
"""
_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


@router.get("/docs", response_class=HTMLResponse)
def documentation(request: Request) -> HTMLResponse:
    """Show every operation with its parameters and answers."""
    return HTMLResponse("\n".join(_page(request.app.openapi())), headers=_HEADERS)


def _page(document: dict[str, Any]) -> Iterator[str]:
    info = document["info"]
    title = escape(f"{info['title']} {info['version']}")
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    yield f"<style>{_STYLE}</style><h1>{title}</h1><pre>{escape(info['description'])}</pre>"
    yield '<p>For machines: <a href="/api/v1/openapi.json">openapi.json</a></p>'
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield from _operation(method, path, operation)


def _operation(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
    yield f"<p>{escape(operation['description'])}</p><dl>"
    for parameter in operation.get("parameters", []):
        where = f"{parameter['name']} ({parameter['in']})"
        yield f"<dt>{escape(where)}</dt><dd>{escape(parameter.get('description', ''))}</dd>"
    yield "</dl><dl>"
    for status, answer in operation["responses"].items():
        yield f"<dt>{escape(status)}</dt><dd>{escape(answer['description'])}</dd>"
    yield "</dl>"
