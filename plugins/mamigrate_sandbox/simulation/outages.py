"""What is wrong for a while, by a plan: spans of the world's time in which calls of one kind or of all fail."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from mamigrate_sandbox.faults import Rule

Side = Literal["source", "target"]
MINUTE, HOUR = 60.0, 3_600.0
LATE = time(23)
"""When a quota of the day is gone: an hour before it is renewed."""


@dataclass(frozen=True, slots=True)
class Outage:
    """``seconds`` on end, in which every call that one of ``rules`` meets fails; ``flaps``: on and off, so long each.

    ``zone``: it begins at LATE there. ``stops``: a person is needed, so that a run ends with exit code 4 instead of 5.
    """

    side: Side
    seconds: float
    rules: tuple[Rule, ...]
    flaps: float = 0.0
    zone: str = ""
    stops: bool = False

    def spans(self, now: datetime, dice: Random) -> Iterator[tuple[float, float]]:
        """(begin, end) in seconds from now."""
        begin = _until(LATE, now.astimezone(ZoneInfo(self.zone))) if self.zone else dice.uniform(0, 5 * MINUTE)
        step = self.flaps or self.seconds
        at = begin
        while at < begin + self.seconds:
            yield at, at + step
            at += 2 * step


def _until(when: time, now: datetime) -> float:
    """Seconds until the clock shows this."""
    today = datetime.combine(now.date(), when, tzinfo=now.tzinfo)
    return (today if today > now else today + timedelta(days=1)).timestamp() - now.timestamp()


WRITES = r"^/rest/v1/(leads|companies|opportunities)"
SCRIPTS: Mapping[str, Outage] = {
    "the source down for two hours": Outage("source", 2 * HOUR, (Rule("down"),)),
    "the target down for two hours": Outage("target", 2 * HOUR, (Rule("down"),)),
    "flapping for a quarter of an hour": Outage(
        "source", 15 * MINUTE, (Rule("status", status=503, body=""),), flaps=20.0
    ),
    "reads work and writes fail": Outage("target", HOUR, (Rule("status", WRITES, "POST", status=503, body=""),)),
    "one endpoint fails": Outage(
        "source", HOUR, (Rule("status", "^/communication-preferences/", status=503, body=""),)
    ),
    "no name is found": Outage("target", HOUR, (Rule("unnamed"),)),
    "a certificate is over": Outage("source", HOUR, (Rule("unsafe"),)),
    "the quota is gone at eleven": Outage("target", HOUR, (Rule("quota", "^/rest/"),), zone="America/Chicago"),
    "a permission is gone": Outage("source", HOUR, (Rule("scope", "^/crm/"),), stops=True),
    "every token is refused": Outage("target", HOUR, (Rule("expired", "^/rest/"),), stops=True),
}
