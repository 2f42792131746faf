"""The adapters against recordings, with the network off.

``MAMIGRATE_RECORD=1 pytest tests/adapters/test_cassettes.py`` makes them anew, from sandboxes.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mamigrate.clock import WallClock
from mamigrate.contract import Change, Connection, Secret, Status
from mamigrate.model.kinds import Kind
from mamigrate.testing.recording import recorder
from mamigrate_hubspot.adapter import HubSpot
from mamigrate_marketo.adapter import Marketo
from mamigrate_sandbox.running import Sandbox, Wish

RECORD = os.environ.get("MAMIGRATE_RECORD") == "1"
HERE = Path(__file__).parent
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def access(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """A sandbox while recording; else credentials that open nothing, and no socket at all."""
    vendor = request.param
    if RECORD:
        sandbox = Sandbox(Wish(vendor, vendor, "clean", 12, 7, 3600), tmp_path / "s.sqlite")
        yield sandbox.described()
        sandbox.stop()
        return

    def closed(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a replay opened a socket")

    monkeypatch.setattr(socket.socket, "connect", closed)
    yield {"base_url": NOWHERE, "access_token": "none", "client_id": "none", "client_secret": "none"}


@pytest.fixture
def cassette(request: pytest.FixtureRequest, access: dict[str, str]) -> Iterator[None]:
    vendor = "hubspot" if "hubspot" in request.node.name else "marketo"
    folder = HERE / vendor / "cassettes"
    name = request.node.name.partition("[")[0].removeprefix("test_") + ".yaml"
    if RECORD:
        (folder / name).unlink(missing_ok=True)
    with recorder(folder, record=RECORD).use_cassette(name):
        yield


@pytest.mark.parametrize("access", ["hubspot"], indirect=True)
def test_hubspot_tells_topics_owners_and_statuses(access: dict[str, str], cassette: None) -> None:
    secrets = {"access_token": Secret(access["access_token"])}
    connection = Connection("src", "hubspot", access["base_url"], "UTC", {"explicit_consent": "false"}, secrets, 3600)
    instance = HubSpot().connect(connection, WallClock(3600))
    topics = instance.read(Kind.TOPIC, None).content.rows[Kind.TOPIC]
    assert {row["asset_class"] for row in topics} >= {"MKT"}
    assert instance.read(Kind.OWNER, None).content.problems == ()
    people = instance.find(Kind.PERSON, "id", ["1001", "1004", "1007"], ["firstname"])
    assert all(row["email"].endswith("@scrubbed.example") for row in people if row["email"]) or RECORD
    pages = list(instance.read_for(Kind.CONSENT_FACT, people))
    assert all(not page.content.problems for page in pages)


@pytest.mark.parametrize("access", ["marketo"], indirect=True)
def test_marketo_writes_and_finds_people(access: dict[str, str], cassette: None) -> None:
    connection = Connection(
        "dst",
        "marketo",
        access["base_url"],
        options={"client_id": access["client_id"]},
        secrets={"client_secret": Secret(access["client_secret"])},
        speed=3600,
    )
    instance = Marketo().connect(connection, WallClock(3600))
    field = Change("f", None, {"api_name": "mmSourceKey", "label": "Source key", "data_type": "text"})
    assert instance.write(Kind.FIELD, [field])[0].status in (Status.CREATED, Status.EQUAL)
    changes = [
        Change("s/1", None, {"mmSourceKey": "s/1", "email": "ana@x.example", "unsubscribed": "true"}),
        Change("s/2", None, {"mmSourceKey": "s/2", "leadScore": "14c"}),
    ]
    written, refused = instance.write(Kind.PERSON, changes)
    assert written.status is Status.CREATED
    assert (refused.status, refused.code) == (Status.REJECTED, "1003")
    (found,) = instance.find(Kind.PERSON, "mmSourceKey", ["s/1"], ["email"])
    assert found["key"] == written.target_key
    assert found["values"]["unsubscribed"] == "true"


def test_no_cassette_holds_a_secret_or_a_person() -> None:
    for file in HERE.glob("*/cassettes/*.yaml"):
        text = file.read_text(encoding="utf-8")
        assert "Bearer" not in text
        assert "pat-na1" not in text
        addresses = {word for word in text.replace('"', " ").replace("\\", " ").split() if "@" in word}
        assert all("@scrubbed.example" in word for word in addresses), file
