"""The instance that all routes share: store, clock, switches, CRM link, and what may be remembered between calls."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mamigrate_sandbox.clock import Ticking
from mamigrate_sandbox.marketo import switches
from mamigrate_sandbox.marketo.envelope import stamp
from mamigrate_sandbox.marketo.replica import Replica
from mamigrate_sandbox.store import Body, Store

CENTRAL = ZoneInfo("America/Chicago")  # the quota day of every instance


class Instance:
    def __init__(self, store: Store, clock: Ticking) -> None:
        self.store = store
        self.clock = clock
        self.remembered: dict[str, Any] = {}
        self.replica = Replica(clock)

    def switch(self, name: str) -> Any:
        return switches.read(self.store.setting("switches", {}), name)

    def now(self) -> datetime:
        return self.clock.now()

    def stamp(self) -> str:
        return stamp(self.now())

    def quota_day(self) -> str:
        return self.now().astimezone(CENTRAL).date().isoformat()

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.store.setting("instance", {}).get("timeZone", "America/Los_Angeles"))

    def crm_attached(self) -> bool:
        return bool(self.store.setting("crm", {}).get("attached")) or bool(self.switch("crm_attached"))

    def crm_syncs(self) -> bool:
        return self.crm_attached() and self.store.setting("crm", {}).get("sync", "on") == "on"

    def user(self) -> str:
        return str(self.store.setting("api_user", "api-user@example.com"))

    def url(self, mark: str, id: int) -> str:
        """The address of an asset in the user interface, like ``https://app-x.marketo.example/#PG1003A1``."""
        return f"https://app-sandbox.marketo.example/#{mark}{id}A1"

    def bodies(self, kind: str) -> list[Body]:
        return [body for _, body in self.store.all(kind)]
