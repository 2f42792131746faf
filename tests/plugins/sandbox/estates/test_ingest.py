from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from mamigrate.contract import Landed
from mamigrate.errors import UsageError
from mamigrate.snapshot.cipher import Cipher
from mamigrate.snapshot.folder import Snapshot
from mamigrate.snapshot.landing import LandingFile
from mamigrate.snapshot.manifest import Manifest
from mamigrate_sandbox.estates import ingest
from mamigrate_sandbox.estates.catalogue import check, fill
from mamigrate_sandbox.hubspot import describe
from mamigrate_sandbox.marketo import defaults
from mamigrate_sandbox.store import Store


@pytest.fixture
def hubspot_store() -> Store:
    store = Store(None)
    describe.install_defaults(store)
    return store


def test_recorded_and_anonymised_hubspot_data_fills_a_store(hubspot_store: Store, reference_data: Path) -> None:
    came = ingest.reference(hubspot_store, "hubspot", reference_data / "data")
    assert came["contacts"] >= 40 and came["companies"] >= 20 and came["deals"] >= 40 and came["lists"] >= 90
    recorded = next(
        body
        for _, body in hubspot_store.all("contacts")
        if body["properties"].get("email", "").endswith("@example.net")
    )
    assert hubspot_store.find("contacts", "email", recorded["properties"]["email"].lower())
    assert recorded["history"]["firstname"][0]["timestamp"].endswith("Z")
    assert hubspot_store.link_kinds()["membership"] >= 60


def test_marketo_extracts_fill_a_store(reference_data: Path) -> None:
    store = Store(None)
    defaults.install_defaults(store)
    came = ingest.reference(store, "marketo", reference_data / "data")
    assert came["leads"] >= 100 and came["programs"] >= 100 and came["activities"] == 100 and came["lists"] >= 20
    assert all(isinstance(body["id"], int) for _, body in store.all("leads"))


def test_a_snapshots_landed_pages_come_back(hubspot_store: Store, tmp_path: Path) -> None:
    contact = {
        "id": "101",
        "properties": {"email": "Ana@Minna.example", "firstname": "Ana", "phone": None, "hs_merged_object_ids": "99"},
        "createdAt": "2026-01-05T10:00:00.000Z",
        "updatedAt": "2026-01-06T10:00:00.000Z",
        "archived": False,
        "associations": {"companies": {"results": [{"id": "201", "type": "contact_to_company"}]}},
    }
    wide = {
        "wideStatusType": "PORTAL_WIDE",
        "status": "UNSUBSCRIBED",
        "channel": "EMAIL",
        "subscriberIdString": "Ana@Minna.example",
    }
    _land(tmp_path, "person-0001", {"results": [contact]})
    _land(
        tmp_path, "consent_fact-0001", {"timeline": [{"recipient": "ana@minna.example", "timestamp": 1, "changes": []}]}
    )
    _land(tmp_path, "consent_fact-0002", {"status": "COMPLETE", "results": [wide]})
    _land(
        tmp_path,
        "list-0001",
        {"lists": [{"listId": "7", "name": "Leads", "processingType": "MANUAL", "objectTypeId": "0-1"}]},
    )
    came = ingest.snapshot(hubspot_store, "hubspot", tmp_path)
    assert came == {"contacts": 1, "redirects/contacts": 1, "timeline": 1, "optouts": 1, "lists": 1}
    restored = hubspot_store.get("contacts", hubspot_store.find("contacts", "email", "ana@minna.example")[0])
    assert restored is not None and "phone" not in restored["properties"]
    assert [b for b, _ in hubspot_store.links("association/contacts/companies", "101")] == ["201"]


def test_an_encrypted_snapshot_fills_no_store(hubspot_store: Store, tmp_path: Path) -> None:
    made = Snapshot.begin(tmp_path, "old-1", "old", "hubspot", datetime(2026, 1, 1, tzinfo=UTC), Cipher(bytes(32)))
    with pytest.raises(UsageError, match="encrypted"):
        ingest.snapshot(hubspot_store, "hubspot", made.folder)


def test_a_store_can_be_filled_from_a_folder_by_the_estates_name(hubspot_store: Store, tmp_path: Path) -> None:
    _land(
        tmp_path,
        "person-0001",
        {"results": [{"id": "5", "properties": {"email": "b@minna.example"}, "createdAt": "x"}]},
    )
    fill(hubspot_store, "hubspot", f"snapshot:{tmp_path}", 0, 0, datetime(2026, 1, 1, tzinfo=UTC))
    assert hubspot_store.find("contacts", "email", "b@minna.example") == ["5"]
    with pytest.raises(NotADirectoryError, match="no folder"):
        fill(hubspot_store, "hubspot", "snapshot:/nowhere", 0, 0, datetime(2026, 1, 1, tzinfo=UTC))


def test_what_is_no_snapshot_of_this_vendor_is_refused_with_its_place(tmp_path: Path) -> None:
    made = Snapshot.begin(tmp_path, "old-1", "old", "hubspot", datetime(2026, 1, 1, tzinfo=UTC))
    _land(made.folder, "person-0001", {})
    check("hubspot", f"snapshot:{made.folder}", 1)
    wrong = {
        ("marketo", f"snapshot:{made.folder}"): "is a snapshot of hubspot: it fills no sandbox of marketo",
        ("hubspot", f"snapshot:{tmp_path}"): "name one of them: old-1",
        ("hubspot", "snapshot:/nowhere"): "no folder: /nowhere",
        ("hubspot", "messy"): "the estate messy needs at least 200 people",
    }
    for (vendor, estate), told in wrong.items():
        with pytest.raises(UsageError, match=told) as found:
            check(vendor, estate, 1)
        assert found.value.where in ("--estate", "--people")


def _land(folder: Path, name: str, body: object) -> None:
    if not (folder / "manifest.json").exists():
        at = datetime(2026, 1, 1, tzinfo=UTC)
        Manifest(tool_version="1", id="s", connection="old", adapter="hubspot", began_at=at).save(folder)
    file = LandingFile(folder / "landed" / f"{name}.ndjson.zst")
    file.add(Landed(orjson.dumps(body), {"read_at": "2026-01-07T00:00:00Z"}))
    file.close()


def test_who_unsubscribed_in_a_connectors_table_is_unsubscribed(tmp_path: Path) -> None:
    folder = tmp_path / "marketo" / "connector-csv" / "fivetran"
    folder.mkdir(parents=True)
    times = "2020-01-01 00:00:00,2020-01-01 00:00:00"
    (folder / "marketo_lead_data.csv").write_text(
        f"id,created_at,updated_at,email,first_name,last_name\n7,{times},Ana@x.example,Ana,\n8,{times},ben@x.example,Ben,\n"
    )
    (folder / "marketo_activity_unsubscribe_email_data.csv").write_text(
        "id,activity_date,lead_id,campaign_id,client_ip_address,query_parameters,primary_attribute_value,primary_attribute_value_id\n"
        "1,2020-02-02 00:00:00,7,,,,Mail,3\n"
    )
    store = Store(None)
    defaults.install_defaults(store)
    ingest.reference(store, "marketo", tmp_path)
    assert {id: bool(body.get("unsubscribed")) for id, body in store.all("leads")} == {"7": True, "8": False}
    assert store.get("master-unsubscribed", "ana@x.example") is not None
