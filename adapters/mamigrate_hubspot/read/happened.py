"""An activity as a row, and the forms in which HubSpot tells when something happened."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mamigrate.contract import NeutralRow
from mamigrate.model.canonical import parse_datetime


def activity(key: str, type: str, at: datetime | None, **more: Any) -> NeutralRow:
    """What is not told of it reads as nothing."""
    blank: NeutralRow = {"person_key": None, "address_loose": None, "subject_key": None, "bot": False, "values": {}}
    return {**blank, "key": key, "activity_type": type, "happened_at": at, **more}


def said(told: Mapping[str, str]) -> dict[str, str]:
    """What is not empty."""
    return {name: value for name, value in told.items() if value}


def millis(told: str) -> datetime | None:
    """Milliseconds since 1970. None for what is no such number, and for what is beyond any calendar."""
    try:
        return datetime.fromtimestamp(int(told) / 1000, UTC) if told else None
    except (ValueError, OverflowError, OSError):
        return None


def moment(told: str) -> datetime | None:
    """An instant in ISO 8601, or in milliseconds: properties come in both forms."""
    if told.isdigit():
        return millis(told)
    try:
        return parse_datetime(told) if told else None
    except ValueError:
        return None
