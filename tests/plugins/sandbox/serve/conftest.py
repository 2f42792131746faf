"""A tiny vendor to serve, and sandboxes in folders of their own."""

from collections.abc import Iterator

import flask
import pytest

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.faults import Faults
from mamigrate_sandbox.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store(None)
    yield made
    made.close()


@pytest.fixture
def clock(store: Store) -> SandboxClock:
    return SandboxClock(store, speed=60)


@pytest.fixture
def vendor(store: Store) -> flask.Flask:
    """Counts calls; ``POST /things`` keeps what is sent."""
    app = flask.Flask("vendor")

    @app.get("/things")
    def things() -> dict[str, int]:
        store.add("call/GET /things")
        return {"things": store.count("things")}

    @app.post("/things")
    def keep() -> dict[str, int]:
        id = store.next_id("things")
        store.put("things", str(id), flask.request.get_json())
        return {"id": id}

    return app


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def faults(vendor: flask.Flask, slept: list[float]) -> Faults:
    return Faults(vendor, "hubspot", slept.append)
