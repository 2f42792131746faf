"""What every connection is checked for alike: fields that decide about sending, clocks, quotas."""

from collections.abc import Container, Iterator, Sequence

from mamigrate.clock import Clock
from mamigrate.contract import Blocker, Connection, Quota
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Reply
from mamigrate.http.codes import skew

LOW = 0.1
"""Part of a quota that is little."""
MOST_SKEW = 120.0
"""Seconds by which the two clocks may differ: dates of consent are compared across them."""


class Checking:
    """Findings about one connection, each with its fix. An adapter's check asks, and adds what is its vendor's own."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection, self._clock = connection, clock

    def _finding(self, code: str, severity: Severity, **params: str) -> Finding:
        """``params["fix"]`` names what to do."""
        return Finding(code, severity, self._connection.name, params)

    def blockers(self, blockers: Sequence[Blocker], visible: Container[str]) -> Iterator[Finding]:
        """Fields that decide about sending and are hidden from this connection."""
        for blocker in blockers:
            if blocker.field not in visible:
                yield self._finding("blocker_field_unreadable", Severity.BLOCK, field=blocker.field, fix="show_field")

    def skew(self, reply: Reply) -> Iterator[Finding]:
        """Clocks that are apart. A sandbox's clock runs at its own speed."""
        seconds = skew(reply.headers, self._clock.now())
        if self._connection.speed == 1 and seconds is not None and abs(seconds) > MOST_SKEW:
            yield self._finding("clock_skew", Severity.WARN, seconds=f"{seconds:.0f}", fix="set_clock")

    def quotas(self, quotas: Sequence[Quota]) -> Iterator[Finding]:
        """Quotas that are used up, or nearly."""
        for quota in quotas:
            left = quota.limit - quota.used
            params = {"quota": quota.name, "left": str(max(0, left)), "fix": "wait_for_reset"}
            if left <= 0:
                yield self._finding("quota_exhausted", Severity.BLOCK, **params)
            elif left < quota.limit * LOW:
                yield self._finding("quota_low", Severity.WARN, **params)
