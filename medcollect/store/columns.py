"""What the columns of the book's tables have in common."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: Our ids.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def identifier() -> sa.Column[int]:
    """A table's own id, given out by us."""
    return sa.Column("id", ID, primary_key=True, autoincrement=False)


def cents(name: str) -> sa.Column[int]:
    """An amount in whole cents."""
    return sa.Column(name, sa.BigInteger, nullable=False, default=0)


def text(name: str, *, index: bool = False) -> sa.Column[str]:
    """A text, empty where there is none."""
    return sa.Column(name, sa.Text, nullable=False, default="", index=index)


def ordered_text() -> sa.Text:
    """Text whose beginnings are looked for: in order of its bytes, whatever the language."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def day(name: str, *, index: bool = False) -> sa.Column[object]:
    """A day, missing where it is not known."""
    return sa.Column(name, sa.Date, nullable=True, index=index)


def link(name: str, *, index: bool = True, nullable: bool = False) -> sa.Column[int]:
    """The id of a row of another table."""
    return sa.Column(name, ID, nullable=nullable, index=index)


def rare_link(table: str, name: str) -> tuple[sa.Column[int], sa.Index]:
    """The id of a row of another table that few rows name: its index holds only those."""
    some = sa.text(f"{name} IS NOT NULL")
    index = sa.Index(f"ix_{table}_{name}", name, sqlite_where=some, postgresql_where=some)
    return link(name, index=False, nullable=True), index
