"""A letter as a file: PDF by WeasyPrint from an HTML template, DOCX by docxtpl from a Word file.

Templates are an office's own and run in Jinja's sandbox; a page takes pictures and styles from the
templates' folder alone, and nothing from the network.
"""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname
from zipfile import BadZipFile

from medcollect.errors import NotAllowed
from medcollect.letters.records import Letter
from medcollect.letters.template_files import HTML, STYLE, WORD, chosen, template_text

Format = Literal["pdf", "docx"]
FORMATS: Final[tuple[Format, ...]] = ("pdf", "docx")

MEDIA_TYPES: Final[dict[str, str]] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

_MARK: Final = re.compile(r"\[TO BE FILLED IN BY THE [^\]]*\]")
_MARK_OR_NOT: Final = re.compile(rf"{_MARK.pattern}|(?:(?!{_MARK.pattern}).)+", re.DOTALL)
_INSTALL: Final = "Install them with: pip install 'medcollect[letters]'"


def render(letter: Letter, form: Format, folder: Path | None = None) -> bytes:
    """The letter as PDF or DOCX, by the templates of ``folder`` where it has them.

    Raises NotAllowed where a template cannot be used or the extra ``letters`` is not installed.
    """
    return _MAKERS[form](letter, folder)


def _pdf(letter: Letter, folder: Path | None) -> bytes:
    weasyprint = _weasyprint()
    page = _html(letter, folder)
    with io.BytesIO() as out:
        base = f"{folder.resolve().as_uri()}/" if folder is not None else "file:///nowhere/"
        fetcher = _only_from(folder)
        weasyprint.HTML(string=page, base_url=base, url_fetcher=fetcher).write_pdf(out)
        return out.getvalue()


def _html(letter: Letter, folder: Path | None) -> str:
    from markupsafe import Markup, escape  # noqa: PLC0415

    def marked(text: str) -> Markup:
        return Markup(_MARK.sub(r"<mark>\g<0></mark>", str(escape(text))))  # noqa: S704 - escaped

    environment = _environment(autoescape=True)
    environment.filters["marked"] = marked
    style = Markup(template_text(folder, STYLE, letter))  # noqa: S704 - the office's own file
    text = template_text(folder, HTML, letter)
    name = getattr(chosen(folder, HTML, letter), "name", HTML)
    return str(
        _tried(name, lambda: environment.from_string(text).render(letter=letter, style=style))
    )


def _docx(letter: Letter, folder: Path | None) -> bytes:
    from medcollect.letters.word_template import default_word_template  # noqa: PLC0415

    own = chosen(folder, WORD, letter)
    source = own.read_bytes() if own is not None else default_word_template()
    return bytes(_tried(own.name if own else WORD, lambda: _filled_in(source, letter)))


def _filled_in(source: bytes, letter: Letter) -> bytes:
    """A Word template with everything filled in and its blanks in yellow."""
    docxtpl = _docxtpl()
    template = docxtpl.DocxTemplate(io.BytesIO(source))
    environment = _environment(autoescape=True)
    environment.filters["marked"] = str
    template.render({"letter": letter}, environment)
    _highlight(template.docx)
    with io.BytesIO() as out:
        template.save(out)
        return out.getvalue()


def _highlight(document: Any) -> None:
    """Put the blanks of a Word document in yellow, wherever they stand, and nothing besides."""
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.text.run import Run  # noqa: PLC0415

    for element in list(document.element.body.iter(qn("w:r"))):
        run = Run(element, document)
        if _MARK.search(run.text):
            _split_at_marks(run)


def _split_at_marks(run: Any) -> None:
    """Make a run of its own of each blank, in yellow, and of what stands before and after it."""
    from docx.enum.text import WD_COLOR_INDEX  # noqa: PLC0415
    from docx.text.run import Run  # noqa: PLC0415

    for text in reversed(_MARK_OR_NOT.findall(run.text)):
        piece = Run(copy.deepcopy(run._r), run._parent)
        piece.text = text
        if _MARK.fullmatch(text):
            piece.font.highlight_color = WD_COLOR_INDEX.YELLOW
        run._r.addnext(piece._r)
    run._r.getparent().remove(run._r)


def _tried(name: str, make: Callable[[], Any]) -> Any:
    """What a template makes; NotAllowed says what is wrong with it, without what was filled in."""
    from jinja2 import TemplateError  # noqa: PLC0415

    try:
        return make()
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        where = f", line {line}" if line else ""
        raise NotAllowed(
            f"The template {name}{where} cannot be used: {error.message}.",
            "README.txt of the templates lists the names there are.",
        ) from error
    except (KeyError, ValueError, OSError, BadZipFile, SyntaxError) as error:
        raise NotAllowed(
            f"The template {name} cannot be read.", "Save it again in its own format."
        ) from error


def _environment(*, autoescape: bool) -> Any:
    """Jinja's sandbox, in which a name that there is not is an error."""
    try:
        from jinja2 import StrictUndefined  # noqa: PLC0415
        from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415
    except ImportError as error:
        raise NotAllowed("Letters need Jinja2.", _INSTALL) from error
    return SandboxedEnvironment(autoescape=autoescape, undefined=StrictUndefined)


def _only_from(folder: Path | None) -> Any:
    """A fetcher that takes pictures and styles from the templates' folder and nowhere else."""
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    root = folder.resolve() if folder is not None else None

    class Fetcher(URLFetcher):  # type: ignore[misc]
        """Refuses what lies outside."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            place = urlsplit(url)
            own = Path(url2pathname(place.path)).resolve()
            inside = place.scheme == "file" and root is not None and own.is_relative_to(root)
            if not (inside or place.scheme == "data"):
                message = "letters take nothing from outside their templates' folder"
                raise ValueError(message)
            return super().fetch(url, headers)

    return Fetcher(allowed_protocols=("file", "data"))


def _weasyprint() -> Any:
    """WeasyPrint, or what to install: the package, or the libraries that it loads."""
    try:
        import weasyprint  # noqa: PLC0415
    except ImportError as error:
        raise NotAllowed("Letters as PDF need WeasyPrint.", _INSTALL) from error
    except OSError as error:
        raise NotAllowed(
            "Letters as PDF need Pango, which is not on this machine.",
            "On Debian and Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0 fonts-dejavu-core. Letters as DOCX need none of it.",
        ) from error
    return weasyprint


def _docxtpl() -> Any:
    try:
        import docxtpl  # noqa: PLC0415
    except ImportError as error:
        raise NotAllowed("Letters as DOCX need docxtpl.", _INSTALL) from error
    return docxtpl


_MAKERS: Final[dict[str, Callable[[Letter, Path | None], bytes]]] = {"pdf": _pdf, "docx": _docx}
