"""One vendor in this process: its state on disk, its application behind faults, its two servers."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mamigrate import private
from mamigrate.errors import UsageError
from mamigrate_sandbox import control
from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.estates import catalogue
from mamigrate_sandbox.estates.catalogue import fill
from mamigrate_sandbox.faults import Faults
from mamigrate_sandbox.serve import Listening
from mamigrate_sandbox.store import Store

if TYPE_CHECKING:
    from flask import Flask

# Vendor -> modules with ``create``, ``install_defaults``, ``leave``. Named, not imported: one vendor needs not the other.
VENDORS = {
    "hubspot": (
        "mamigrate_sandbox.hubspot.app",
        "mamigrate_sandbox.hubspot.describe",
        "mamigrate_sandbox.hubspot.leaving",
    ),
    "marketo": (
        "mamigrate_sandbox.marketo.app",
        "mamigrate_sandbox.marketo.defaults",
        "mamigrate_sandbox.marketo.leaving",
    ),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """One sandbox to run. ``name`` is the connection's; ``speed`` how much faster than the wall its clock runs."""

    vendor: str
    name: str
    estate: str
    people: int
    seed: int
    speed: float = 60.0


class Sandbox:
    """A vendor that listens from construction until ``stop``. State is reused when it was made by the same wish."""

    def __init__(self, wish: Wish, file: Path, *, fresh: bool = False) -> None:
        self.wish = wish
        self.store = opened(wish, file, fresh=fresh)
        self.clock = SandboxClock(self.store, wish.speed)
        create: Callable[[Store, SandboxClock], Flask] = import_module(VENDORS[wish.vendor][0]).create
        app = create(self.store, self.clock)
        self.leave: control.Leave = partial(import_module(VENDORS[wish.vendor][2]).leave, app)
        self.faults = Faults(app, wish.vendor, lambda seconds: time.sleep(seconds / wish.speed))
        self._vendor = Listening(self.faults)
        self._beside: list[SandboxClock] = []
        controlled = control.create(self.store, self.clock, self.faults, self.leave, self._beside)
        self._control = Listening(controlled.wsgi_app, threads=4)
        self._ended = threading.Event()
        threading.Thread(target=self._keep_time, name=f"clock-{wish.name}", daemon=True).start()

    def join(self, other: "Sandbox") -> None:
        """From now on whoever moves the clock of one of the two moves both: what a rehearsal skips, both platforms skip."""
        self._beside.append(other.clock)
        other._beside.append(self.clock)

    def described(self) -> dict[str, str]:
        """Base URL, credentials and control URL, by the names that connections use."""
        names = ("access_token",) if self.wish.vendor == "hubspot" else ("client_id", "client_secret")
        return {
            "base_url": self._vendor.url,
            **{name: str(self.store.setting(name)) for name in names},
            "control_url": self._control.url,
        }

    def stop(self) -> None:
        self._ended.set()
        for server in (self._vendor, self._control):
            server.stop()
        self.clock.save()
        self.store.close()

    def _keep_time(self) -> None:
        """After a kill the clock may not go back further than a second of the wall."""
        while not self._ended.wait(1.0):
            self.clock.save()


def opened(wish: Wish, file: Path, *, fresh: bool) -> Store:
    """The sandbox's state: as it was left, or newly filled. Raises UsageError when another estate lives in the file."""
    if fresh:
        _forget(file)
    check(wish, file)
    if file.exists():
        store = Store(file)
        if store.setting("made") is not None:
            return store
        store.close()
        _forget(file)  # filling was interrupted
    return _filled(wish, file)


def check(wish: Wish, file: Path, *, fresh: bool = False) -> None:
    """Makes nothing. Raises UsageError where the sandbox cannot be filled as wished, or is filled otherwise."""
    made = None if fresh else filled(file)
    if made is None:
        catalogue.check(wish.vendor, wish.estate, wish.people)
    elif made != signature(wish):
        fix = "begin anew with --fresh, which forgets what is in it, or in another folder (--project)"
        raise UsageError(f"the sandbox {wish.name} was filled otherwise: {_told(made)}", where=str(file), fix=fix)


def filled(file: Path) -> dict[str, Any] | None:
    """What a sandbox was filled with; None where it is not there, or filling was interrupted."""
    if not file.exists():
        return None
    store = Store(file)
    try:
        return store.setting("made")  # type: ignore[no-any-return]  # what ``opened`` put there
    finally:
        store.close()


def _told(made: dict[str, Any]) -> str:
    """What a sandbox was filled with, in words."""
    return ", ".join(f"{name} {value}" for name, value in made.items())


def _filled(wish: Wish, file: Path) -> Store:
    private.folder(file.parent)
    private.create(file).close()
    store = Store(file)
    import_module(VENDORS[wish.vendor][1]).install_defaults(store)
    _credentials(store, wish.vendor)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        fill(store, wish.vendor, wish.estate, wish.people, wish.seed, today)
    except NotADirectoryError as error:
        raise UsageError(str(error), where="--estate") from error
    except ValueError as error:
        raise UsageError(str(error), where="--people") from error
    store.set("made", signature(wish))
    return store


def _credentials(store: Store, vendor: str) -> None:
    """Random ones, kept with the state: nobody on this machine can guess them."""
    if vendor == "hubspot":
        token = secrets.token_hex(16)
        store.set("access_token", f"pat-na1-{token[:8]}-{token[8:12]}-{token[12:16]}-{token[16:20]}-{token[20:]}")
    else:
        store.set("client_id", secrets.token_hex(16))
        store.set("client_secret", secrets.token_urlsafe(24))


def signature(wish: Wish) -> dict[str, object]:
    return {key: value for key, value in asdict(wish).items() if key not in ("speed", "name")}


def _forget(file: Path) -> None:
    for each in (file, *(file.with_name(file.name + tail) for tail in ("-wal", "-shm"))):
        each.unlink(missing_ok=True)
