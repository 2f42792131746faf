"""``[transfers]``: who is responsible, and who holds personal data of this move on which basis, until when."""

import re
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_COUNTRY = re.compile(r"[A-Z]{2}")
_LIKE_A_DAY = re.compile(r"[\d./-]+")


def _country(value: object) -> object:
    """Raises ValueError for what is no code of ISO 3166-1."""
    if isinstance(value, str) and not _COUNTRY.fullmatch(value):
        raise ValueError(f'"{value}" is no country: write the two capital letters of ISO 3166, such as JP')
    return value


def _until(value: object) -> object:
    """A day as text, or words. Raises ValueError for figures that are no day of a calendar: ``31.12.2030``."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, str) and _LIKE_A_DAY.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip()).isoformat()
        except ValueError as error:
            raise ValueError(f'"{value}" is no day: write YYYY-MM-DD, or words such as "withdrawal"') from error
    return value


Country = Annotated[str, BeforeValidator(_country)]
Until = Annotated[str, BeforeValidator(_until)]
FilledUntil = Annotated[Filled, BeforeValidator(_until)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Holding(_Strict):
    """Why and until when a place holds personal data. What is left out is told as not stated."""

    name: str = ""
    country: Country | None = None
    purpose: str = ""
    basis: str = ""
    until: Until = ""


class Recipient(_Strict):
    """Somebody else who gets personal data of this move. Nothing may be left out."""

    name: Filled
    country: Country
    purpose: Filled
    basis: Filled
    until: FilledUntil


class TransfersSection(_Strict):
    """``holders`` are platforms by the name of their connection; ``project`` is its folder, ``evidence`` what a purge spares."""

    controller: Filled
    signed: str = ""
    holders: dict[str, Holding] = Field(default_factory=dict)
    project: Holding = Holding()
    evidence: Holding = Holding()
    recipients: tuple[Recipient, ...] = ()
