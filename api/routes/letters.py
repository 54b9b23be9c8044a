"""Letters about denials: what they say, the files, and that they went out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from api.deps import AskDesk, DenialId, Document, one_of
from api.errors import problems
from api.idempotency import DoOnce
from api.requests_letters import LEVEL_WORDS, LetterSent, LettersWanted
from api.schemas import Entered, Letter, LetterList
from medcollect.letters import FORMATS, MEDIA_TYPES

router = APIRouter(tags=["letters"])


class LetterOptions:
    """At which level, and whether also where no appeal exists."""

    def __init__(
        self,
        level: Annotated[
            str | None,
            Query(pattern=LEVEL_WORDS, description="Which level; else the payer's first."),
        ] = None,
        *,
        anyway: Annotated[bool, Query(description="Also where no right of appeal exists.")] = False,
    ) -> None:
        self.level = level
        self.anyway = anyway


Options = Annotated[LetterOptions, Depends(LetterOptions)]


@router.get(
    "/denials/{id:our_id}/letter",
    response_model=Letter,
    response_model_exclude_unset=True,
    responses=problems(404, 409),
)
def show_letter(desk: AskDesk, id: DenialId, options: Options) -> Document:  # noqa: A002
    """Say what the letter about a denial says, by when, and what is left to fill in."""
    return desk.ask(lambda book: book.letter(id, **vars(options)))


def _files() -> dict[int | str, dict[str, Any]]:
    schema = {"schema": {"type": "string", "format": "binary"}}
    content = dict.fromkeys(MEDIA_TYPES.values(), schema)
    return {200: {"description": "The letter in the format asked for", "content": content}}


@router.get(
    "/denials/{id:our_id}/letter/file",
    response_class=Response,
    responses={**_files(), **problems(404, 409)},
)
def letter_file(
    desk: AskDesk,
    id: DenialId,  # noqa: A002
    options: Options,
    form: Annotated[
        str, Query(alias="format", pattern=one_of(FORMATS), description="pdf or docx.")
    ] = "pdf",
) -> Response:
    """Give the letter as PDF, or as a Word file to finish."""
    data = desk.ask(lambda book: book.letter_file(id, form, **vars(options)))
    name = f"{id}-letter.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=MEDIA_TYPES[form], headers=headers)


@router.post(
    "/letters/search",
    response_model=LetterList,
    response_model_exclude_unset=True,
    responses=problems(400, 409),
)
def search_letters(desk: AskDesk, body: LettersWanted) -> Document:
    """List the letters that there would be, and the denials that get none, with the reason."""
    return desk.ask(lambda book: book.letters(dry_run=True, **body.model_dump()))


@router.post(
    "/denials/{id:our_id}/letter/sent",
    response_model=Entered,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def letter_sent(desk: AskDesk, once: DoOnce, id: DenialId, body: LetterSent) -> Document:  # noqa: A002
    """Enter when and how a letter went out, and what proves it; undone as an entry."""
    asked, told = body.model_dump(mode="json"), body.model_dump()
    return once.do([id, asked], lambda: (201, desk.ask(lambda book: book.letter_sent(id, **told))))
