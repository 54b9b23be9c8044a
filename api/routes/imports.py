"""Files taken in: upload, list, look at one."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Form, UploadFile

from api.deps import AskDesk, Desk, Document, ImportId, ImportPage
from api.errors import problems
from api.idempotency import DoOnce
from api.schemas import Import, ImportList, ImportSummary
from api.uploads import Received, no_other_fields, received, without_folder

router = APIRouter(tags=["imports"])

Files = Annotated[
    list[UploadFile],
    File(min_length=1, description="835 and 837 files in any order, plain or zipped."),
]
Sheet = Annotated[
    UploadFile, File(description="A CSV file, a row for each line: see medcollect enter --help.")
]
DryRun = Annotated[
    Literal["true", "false"], Form(description="true: do everything but keep nothing.")
]


#: Rows of a dry run that one answer holds; the rest is counted.
_ROWS_MOST = 1_000


class Rows:
    """The first rows of what a dry run would post."""

    def __init__(self) -> None:
        self.kept: list[Document] = []
        self.left_out = 0

    def take(self, row: Document) -> None:
        """Keep a row, or count it."""
        if len(self.kept) < _ROWS_MOST:
            self.kept.append(row)
        else:
            self.left_out += 1


@router.post(
    "/imports",
    dependencies=[Depends(no_other_fields("files", "dry_run"))],
    response_model=Import,
    response_model_exclude_unset=True,
    status_code=201,
    responses={
        200: {"model": Import, "description": "Nothing new was kept: a dry run, or known already"},
        **problems(400, 409, 413),
    },
)
def import_files(desk: AskDesk, once: DoOnce, files: Files, dry_run: DryRun = "false") -> Document:
    """Import one or more files; importing the same again changes nothing."""
    with received(files) as held:
        dry = dry_run == "true"
        asked = [dry, [path.name for path in held.paths], held.hashes]
        return once.do(asked, lambda: _import(desk, held, dry_run=dry))


def _import(desk: Desk, held: Received, *, dry_run: bool) -> tuple[int, Document]:
    rows = Rows()
    answer = desk.ask(
        lambda book: book.import_files(
            held.paths, dry_run=dry_run, details=rows.take if dry_run else None
        )
    )
    if "would_post" in answer:
        answer["would_post"] |= {"rows": rows.kept, "rows_left_out": rows.left_out}
    return _taken_in(answer, dry_run=dry_run)


def _taken_in(answer: Document, *, dry_run: bool) -> tuple[int, Document]:
    """Created where something new was kept."""
    kept = any(file["status"] in {"imported", "partial"} for file in answer["files"])
    document = without_folder(answer)
    if dry_run:
        document["import"] = None  # nothing was kept that undo could take back
    return (201 if kept and not dry_run else 200), document


@router.post(
    "/entered-payments",
    dependencies=[Depends(no_other_fields("sheet", "dry_run"))],
    response_model=Import,
    response_model_exclude_unset=True,
    status_code=201,
    responses={
        200: {"model": Import, "description": "Nothing new was kept: a dry run, or known already"},
        **problems(400, 409, 413),
    },
)
def enter_payments(
    desk: AskDesk, once: DoOnce, sheet: Sheet, dry_run: DryRun = "false"
) -> Document:
    """Post a sheet of explanations of benefits that came on paper."""
    with received([sheet]) as held:
        dry = dry_run == "true"
        asked = [dry, [path.name for path in held.paths], held.hashes]
        return once.do(asked, lambda: _enter(desk, held, dry_run=dry))


def _enter(desk: Desk, held: Received, *, dry_run: bool) -> tuple[int, Document]:
    path = held.paths[0]
    answer = desk.ask(lambda book: book.enter_sheet(path, user="api", dry_run=dry_run))
    return _taken_in(answer, dry_run=dry_run)


@router.get(
    "/imports",
    response_model=ImportList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_imports(desk: AskDesk, page: ImportPage) -> Document:
    """List the imports."""
    return without_folder(desk.ask(lambda book: book.imports(page.limit, page.after)))


@router.get(
    "/imports/{id:our_id}",
    response_model=ImportSummary,
    response_model_exclude_unset=True,
    responses=problems(404),
)
def show_import(desk: AskDesk, id: ImportId) -> Document:  # noqa: A002
    """Show one import."""
    return without_folder(desk.ask(lambda book: book.import_(id)))
