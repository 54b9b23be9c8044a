"""Answers about what the office decided beforehand."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.schemas.common import Answer


class SettingShown(Answer):
    """One key of the settings."""

    key: str = Field(description="The key, tables first.", examples=["posting.automatic"])
    value: str = Field(description="Its value.", examples=["all"])
    default: str = Field(description="What holds where nothing is set.", examples=["all"])
    source: str = Field(
        description="Where the value comes from.", examples=["medcollect.toml, line 3"]
    )


class Difference(Answer):
    """A policy that the settings say otherwise than what is in force."""

    policy: str = Field(description="Which policy.", examples=["unmatched"])
    in_force: Any = Field(description="What the book is judged under.", examples=["open"])
    settings: Any = Field(description="What the settings say.", examples=["hold"])


class SettingsShown(Answer):
    """The settings, and what the book is judged under."""

    version: str | None = Field(
        description="The version in force; null for the defaults.", examples=["S000001"]
    )
    sha256: str = Field(description="The hash of the policies in force.")
    in_force: bool = Field(description="Whether the settings are what is in force.")
    differences: list[Difference] = Field(description="Where they differ.")
    settings: list[SettingShown] = Field(description="Every key.")


class Reposted(Answer):
    """What taking changed settings over did, or would do."""

    version: str | None = Field(description="The new version.", examples=["S000002"])
    dry_run: bool = Field(description="Whether nothing was kept.")
    changed: bool = Field(description="Whether the settings differed at all.")
    differences: list[Difference] = Field(description="What was in force, what is now.")
    entries: int = Field(description="Journal entries written.", examples=[4])
    claims_changed: int = Field(description="Claims with other figures.", examples=[2])
    accounts: dict[str, str] = Field(
        description="The change of each account.", examples=[{"write_off": "40.00"}]
    )
    opened: list[str] = Field(description="Exceptions that opened.", examples=[["X000003"]])
    settled: list[str] = Field(description="Exceptions that settled.", examples=[["X000001"]])
