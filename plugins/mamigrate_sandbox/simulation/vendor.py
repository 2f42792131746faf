"""One vendor of a simulation: its state, its application behind faults, and the wire to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from random import Random

import flask

from mamigrate.http import transports
from mamigrate_sandbox.faults import Faults
from mamigrate_sandbox.running import VENDORS, Wish
from mamigrate_sandbox.simulation.time import Askew, Time
from mamigrate_sandbox.simulation.wire import Trace, Wire
from mamigrate_sandbox.store import Store

HOST = "http://127.0.0.1:{port}"
"""Of this machine, so that a project file may hold the credentials; nothing listens there."""
FIRST_PORT = 1
CREDENTIALS = {
    "hubspot": {"access_token": "pat-na1-00000000-0000-4000-8000-000000000000"},
    "marketo": {"client_id": "simulated", "client_secret": "simulated"},
}


class Vendor:
    """``app`` answers the program on ``base_url`` while ``mounted``; ``file`` holds a state that was filled before."""

    def __init__(self, wish: Wish, file: Path, port: int, time: Time, dice: Random, trace: Trace) -> None:
        self.wish, self.store = wish, Store(file)
        self.clock = Askew(time, ahead=dice.uniform(-300, 300))
        create: Callable[[Store, Askew], flask.Flask] = import_module(VENDORS[wish.vendor][0]).create
        self.app = create(self.store, self.clock)
        self.faults = Faults(self.app, wish.vendor, time.advance)
        self.base_url = HOST.format(port=FIRST_PORT + port)
        self._wire = Wire(self.faults, time, dice, trace)
        for name, value in CREDENTIALS[wish.vendor].items():
            self.store.set(name, value)

    @property
    def described(self) -> dict[str, str]:
        """Base URL and credentials, by the names that connections use."""
        return {"base_url": self.base_url, **CREDENTIALS[self.wish.vendor]}

    @contextmanager
    def mounted(self) -> Iterator[None]:
        with transports.standing(self.base_url, self._wire):
            yield

    def close(self) -> None:
        self.store.close()
