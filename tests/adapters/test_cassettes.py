"""The adapters against recordings, with the network off.

``MAMIGRATE_RECORD=1 pytest tests/adapters/test_cassettes.py`` makes them anew, from sandboxes.
"""

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from ruamel.yaml import YAML

from mamigrate.clock import WallClock
from mamigrate.contract import Change, Connection, Secret, Status
from mamigrate.model.kinds import Kind
from mamigrate.testing.recording import recorder
from mamigrate.testing.suite_base import pages_of, rows_of
from mamigrate_hubspot import recorded as hubspot
from mamigrate_hubspot.adapter import HubSpot
from mamigrate_marketo import recorded as marketo
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
    with recorder(folder, record=RECORD, known=(hubspot.KNOWN, marketo.KNOWN)).use_cassette(name):
        yield


@pytest.mark.parametrize("access", ["hubspot"], indirect=True)
def test_hubspot_is_read_whole(access: dict[str, str], cassette: None) -> None:
    secrets = {"access_token": Secret(access["access_token"])}
    connection = Connection("src", "hubspot", access["base_url"], "UTC", {"explicit_consent": "false"}, secrets, 3600)
    instance = HubSpot().connect(connection, WallClock(3600))
    pages = {kind: list(pages_of(instance, kind)) for kind in instance.reads()}
    people = rows_of(pages[Kind.PERSON], Kind.PERSON)
    statuses = [page for kind in instance.dependents() for page in instance.read_for(kind, people)]
    counted = {kind: len(rows_of(found, kind)) for kind, found in pages.items()}
    assert (counted[Kind.PERSON], counted[Kind.TOPIC], counted[Kind.OWNER]) == (12, 6, 3)
    assert counted[Kind.FIELD] > 100
    assert min(counted[kind] for kind in (Kind.ACCOUNT, Kind.OPPORTUNITY, Kind.LIST, Kind.LIST_MEMBERSHIP)) > 0
    assert all("." in str(row["email"]) for row in people if row["email"])
    assert sum(fact["polarity"] == "-" for fact in rows_of(statuses, Kind.CONSENT_FACT)) > 0


@pytest.mark.parametrize("access", ["marketo"], indirect=True)
def test_marketo_is_written_and_read_back(access: dict[str, str], cassette: None) -> None:
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
    (company,) = instance.write(Kind.ACCOUNT, [Change("s/a", None, {"company": "Minamo"})])
    changes = [
        Change("s/1", None, {"mmSourceKey": "s/1", "email": "ana@x.example", "unsubscribed": "true"}),
        Change("s/2", None, {"mmSourceKey": "s/2", "leadScore": "14c"}),
    ]
    written, refused = instance.write(Kind.PERSON, changes)
    assert (company.status, written.status) == (Status.CREATED, Status.CREATED)
    assert (refused.status, refused.code) == (Status.REJECTED, "1003")
    (listed,) = instance.write(Kind.LIST, [Change("9", None, {"name": "VIP", "description": "from s"})])
    links = {"list": (str(listed.target_key),), "person": (str(written.target_key),)}
    (member,) = instance.write(Kind.LIST_MEMBERSHIP, [Change("9/1", None, {}, links)])
    assert (listed.status, member.status) == (Status.CREATED, Status.CREATED)
    deal = Change("s/o", None, {"name": "Scale"}, {"person": (str(written.target_key),)})
    (sold,) = instance.write(Kind.OPPORTUNITY, [deal])
    assert sold.status is Status.CREATED
    (found,) = instance.find(Kind.PERSON, "mmSourceKey", ["s/1"], ["email"])
    assert found["key"] == written.target_key
    assert found["values"]["unsubscribed"] == "true"
    (there,) = instance.find(Kind.OPPORTUNITY, "id", [str(sold.target_key)], ["name"])
    assert there["person_keys"] == [written.target_key]


def test_there_are_cassettes_and_none_holds_a_secret_a_person_or_a_host() -> None:
    files = sorted(HERE.glob("*/cassettes/*.yaml"))
    assert [file.stem for file in files] == ["hubspot_is_read_whole", "marketo_is_written_and_read_back"]
    for file in files:
        text = file.read_text(encoding="utf-8")
        found = YAML(typ="safe").load(text)["interactions"]
        assert len(found) > 8
        assert {urlsplit(one["request"]["uri"]).netloc for one in found} == {"scrubbed.example"}
        assert not any(urlsplit(one["request"]["uri"]).path == "/unknown" for one in found)
        assert set(re.findall(r"https?://([^/\s\"']+)", text)) == {"scrubbed.example"}
        assert not re.search(r"Bearer|pat-na1|Authorization|\d{7}", text)
        addresses = {word for word in re.split(r"[\s\"'\\,]", text) if "@" in word}
        assert all(re.fullmatch(r"address-\d+@scrubbed\.example", word) for word in addresses), file
