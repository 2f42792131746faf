"""Rate limits on the sandbox's clock (HubSpot docs, "API usage guidelines and limits").

The store's setting ``limits`` may replace ``ten_seconds`` (190: Professional), ``daily`` (650,000), ``search`` (5 a
second) and ``oauth_ten_seconds`` (110, no daily limit). The day ends at midnight in the account's zone.
"""

import threading
from collections import deque
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mamigrate_sandbox.hubspot.portal import Portal, iso
from mamigrate_sandbox.hubspot.refusals import Refusal

DEFAULTS = {"ten_seconds": 190, "daily": 650_000, "search": 5, "oauth_ten_seconds": 110}


class Window:
    """How many calls lie within the last ``span`` seconds."""

    def __init__(self, span: float) -> None:
        self._span, self._calls = span, deque[float]()

    def used(self, now: float) -> int:
        while self._calls and self._calls[0] <= now - self._span:
            self._calls.popleft()
        return len(self._calls)

    def take(self, now: float, most: int) -> bool:
        if self.used(now) >= most:
            return False
        self._calls.append(now)
        return True


class Limits:
    """Counts calls; a refused call uses nothing up."""

    def __init__(self, portal: Portal) -> None:
        self._portal, self._lock = portal, threading.Lock()
        self._burst = {False: Window(10.0), True: Window(10.0)}
        self._search = Window(1.0)

    def limit(self, name: str) -> int:
        return int({**DEFAULTS, **self._portal.store.setting("limits", {})}[name])

    def take(self, *, search: bool, oauth: bool) -> None:
        """One call. Raises 429."""
        with self._lock:
            now = self._portal.clock.seconds()
            if not oauth and self.used_today() >= self.limit("daily"):
                raise _refused("daily limit", "DAILY")
            if search and not self._search.take(now, self.limit("search")):
                raise Refusal(429, "RATE_LIMITS", "You have reached your secondly limit.")
            if not search and not self._burst[oauth].take(now, self.burst(oauth)):
                raise _refused("ten_secondly_rolling limit", "TEN_SECONDLY_ROLLING")
            if not oauth:
                self._portal.store.add(self._today())

    def burst(self, oauth: bool) -> int:
        return self.limit("oauth_ten_seconds" if oauth else "ten_seconds")

    def used_today(self) -> int:
        return self._portal.store.add(self._today(), 0)

    def midnight(self) -> datetime:
        """When the day's count starts anew."""
        now = self._local()
        return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

    def headers(self, *, search: bool, oauth: bool) -> dict[str, str]:
        shown = self._portal.switches.search_headers if search else "all"
        found: dict[str, Any] = {}
        if shown != "none" and not oauth:
            daily = self.limit("daily")
            found["Daily"], found["Daily-Remaining"] = daily, max(0, daily - self.used_today())
        if shown == "all":
            most = self.burst(oauth)
            left = most - self._used(oauth)
            found.update({"Interval-Milliseconds": 10_000, "Max": most, "Remaining": left})
            found.update({"Secondly": most // 10, "Secondly-Remaining": min(left, most // 10)})
        return {f"X-HubSpot-RateLimit-{name}": str(value) for name, value in found.items()}

    def _used(self, oauth: bool) -> int:
        with self._lock:
            return self._burst[oauth].used(self._portal.clock.seconds())

    def _local(self) -> datetime:
        return self._portal.clock.now().astimezone(ZoneInfo(self._portal.facts.get("timeZone", "UTC")))

    def _today(self) -> str:
        return f"usage/{self._local().date().isoformat()}"

    def resets_at(self) -> str:
        return iso(self.midnight())


def _refused(limit: str, policy: str) -> Refusal:
    extra = {"errorType": "RATE_LIMIT", "policyName": policy}
    return Refusal(429, "", f"You have reached your {limit}.", extra=extra)
