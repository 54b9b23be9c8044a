"""The versions of the office's policies in the book, and the one in force."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect.ids import name
from medcollect.model.policies import Policies
from medcollect.store.tables import policies

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Policies)


class InForce(msgspec.Struct, frozen=True):
    """The policies that the book is judged under; ``id`` is ``None`` for the defaults."""

    id: int | None
    policies: Policies
    sha256: str = ""

    @property
    def name(self) -> str | None:
        """The version as people see it: ``S000001``, ``None`` for the defaults."""
        return None if self.id is None else name("S", self.id)

    def beside(self, wanted: Policies | None) -> dict[str, Any]:
        """The version, and whether it is what the settings say (where they were asked)."""
        return {"version": self.name, "in_force": wanted is None or wanted == self.policies}


def encoded(wanted: Policies) -> str:
    """Policies as the JSON that the book keeps."""
    return _encoder.encode(wanted).decode()


@lru_cache(maxsize=32)
def decoded(document: str) -> Policies:
    """Policies as they were kept."""
    return _decoder.decode(document)


_standing = policies.alias()

#: Whether a version is the newest that stands.
is_newest: Final = (
    policies.c.id
    == sa.select(sa.func.max(_standing.c.id))
    .where(_standing.c.status == "active")
    .scalar_subquery()
)


def newest(connection: sa.Connection) -> InForce:
    """The newest version that stands, the defaults where there is none."""
    query = sa.select(policies.c.id, policies.c.document, policies.c.sha256).where(is_newest)
    row = connection.execute(query).first()
    if row is None:
        return InForce(None, Policies())
    return InForce(int(row.id), decoded(row.document), row.sha256)
