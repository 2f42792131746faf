"""What to do about a vendor's codes: an adapter lists its codes as data, and this turns one into the right exception."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from mamigrate import clock
from mamigrate.errors import (
    MamigrateError,
    QuotaExhausted,
    Refused,
    Throttled,
    TokenExpired,
    Transient,
    Unreachable,
)
from mamigrate.http.call import Rejected

LONGEST_WAIT = 3600.0
"""Seconds of Retry-After that are waited for; beyond it, the run ends cleanly and is resumed later."""


class Action(StrEnum):
    """WAIT: it did not run, send it again later. AGAIN: unknown, a read may be sent again. NEVER: sending it again is
    no use. The others say who has to act."""

    WAIT = "wait"
    AGAIN = "again"
    RENEW = "renew"
    QUOTA = "quota"
    REFUSE = "refuse"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Code:
    """``after`` is seconds to wait where the vendor's documents say so. A QUOTA code's meaning is its limit's name."""

    action: Action
    meaning: str
    after: float | None = None


STATUS: Mapping[int, Code] = {
    401: Code(Action.RENEW, "token not accepted"),
    403: Code(Action.REFUSE, "permission missing"),
    408: Code(Action.AGAIN, "request timed out"),
    429: Code(Action.WAIT, "rate limit"),
    500: Code(Action.AGAIN, "server error"),
    502: Code(Action.AGAIN, "bad gateway"),
    503: Code(Action.AGAIN, "unavailable"),
    504: Code(Action.AGAIN, "gateway timed out"),
}
"""What HTTP itself says; a vendor's table comes first."""

_SERVER = Code(Action.AGAIN, "server error")
_CALLER = Code(Action.NEVER, "refused by the vendor")


def of_status(status: int, vendor: Mapping[int, Code] | None = None) -> Code:
    """The code of an HTTP status of 300 and above."""
    known = (vendor or {}).get(status) or STATUS.get(status)
    return known or (_SERVER if status >= 500 else _CALLER)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header (a number, or an HTTP date), None where it says nothing usable.

    ``headers`` have lower-case names. A date is measured against the reply's own Date: clocks differ.
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text) if text.isdigit() else (_http_date(text) - _sent_at(headers)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return seconds if seconds >= 0 else None


def skew(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds by which the vendor's clock is ahead of ours, None where the reply has no Date."""
    try:
        return (_http_date(headers["date"]) - now).total_seconds()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def told_at(headers: Mapping[str, str], now: datetime) -> datetime:
    """The vendor's time when it replied, ``now`` where the reply has no Date that can be read."""
    seconds = skew(headers, now)
    return now if seconds is None else _http_date(headers["date"])


def _sent_at(headers: Mapping[str, str]) -> datetime:
    return _http_date(headers["date"]) if "date" in headers else clock.now()


def _http_date(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Builds exceptions for one connection, so that each carries its name."""

    connection: str

    def trouble(
        self,
        code: Code,
        name: str,
        *,
        said: str = "",
        status: int = 0,
        after: float | None = None,
        resets_at: str = "",
        missing: tuple[str, ...] = (),
    ) -> MamigrateError:
        """The exception for ``code``. ``name`` is the vendor's own code or the status; ``said`` its message."""
        wait = code.after if after is None else after
        if wait is not None and wait > LONGEST_WAIT:
            return self._too_long(code, name, resets_at)
        match code.action:
            case Action.WAIT:
                return Throttled(f"{name} {code.meaning}", after=wait)
            case Action.AGAIN:
                return Transient(f"{name} {code.meaning}", after=wait)
            case Action.RENEW:
                return TokenExpired(f"{name} {code.meaning}")
            case Action.QUOTA:
                return QuotaExhausted(self.connection, code.meaning, resets_at=resets_at)
            case Action.REFUSE:
                return Refused(self.connection, f"{name} {code.meaning}", missing=missing)
            case Action.NEVER:
                return Rejected(name, said, status=status)

    def _too_long(self, code: Code, name: str, resets_at: str) -> MamigrateError:
        if code.action is Action.WAIT:
            return QuotaExhausted(self.connection, f"{name} {code.meaning}", resets_at=resets_at)
        return Unreachable(self.connection, f"{name} {code.meaning}")
