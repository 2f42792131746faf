from datetime import UTC, datetime

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.estates.catalogue import fill
from mamigrate_sandbox.marketo import app, defaults, standard
from mamigrate_sandbox.store import Store

TODAY = datetime(2026, 11, 1, tzinfo=UTC)


def test_what_marketers_built_is_all_there(marketo: Store) -> None:
    kinds = marketo.kinds()
    wanted = {
        "lists": 64,
        "programs": 36,
        "emails": 240,
        "forms": 28,
        "smart-campaigns": 74,
        "landing-pages": 45,
        "leads": 400,
    }
    assert {kind: kinds[kind] for kind in wanted} == wanted


def test_every_value_belongs_to_a_field_that_exists(marketo: Store) -> None:
    known = {name for name, _ in marketo.all("fields/lead")} | {body["name"] for body in standard.documents("crm")}
    assert {name for _, lead in marketo.all("leads") for name in lead} <= known


def test_addresses_beyond_ascii_do_not_stand_in_the_email_field(marketo: Store) -> None:
    assert all(lead["email"].isascii() for _, lead in marketo.all("leads") if "email" in lead)
    assert any("addressAsTyped" in lead for _, lead in marketo.all("leads"))


def test_the_durable_unsubscribe_covers_unsubscribed_people_and_loose_addresses(marketo: Store) -> None:
    master = {address for address, _ in marketo.all("master-unsubscribed")}
    people = {lead["email"].lower() for _, lead in marketo.all("leads") if lead["unsubscribed"] and "email" in lead}
    assert people <= master
    assert master - people


def test_members_and_listed_people_exist(marketo: Store) -> None:
    people = {id for id, _ in marketo.all("leads")}
    assert {b for kind in ("list-member", "program-member") for _, b, _ in marketo.all_links(kind)} <= people


def test_the_instance_answers_for_a_lived_in_store() -> None:
    store = Store(None)
    defaults.install_defaults(store)
    fill(store, "marketo", "lived", 400, 7, TODAY)
    client = app.create(store, SandboxClock(store)).test_client()
    credentials = f"client_id={store.setting('client_id')}&client_secret={store.setting('client_secret')}"
    token = client.get(f"/identity/oauth/token?grant_type=client_credentials&{credentials}").get_json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    lead = next(body for _, body in store.all("leads"))
    found = client.get(f"/rest/v1/leads.json?filterType=email&filterValues={lead['email']}", headers=headers).get_json()
    assert [each["id"] for each in found["result"]] == [lead["id"]]
    programs = client.get("/rest/asset/v1/programs.json", headers=headers).get_json()["result"]
    assert len(programs) == 5
    active = [body for _, body in store.all("smart-campaigns") if body["isActive"]]
    assert [body["name"] for body in active] == ["GL Welcome"]


def test_ids_of_the_crm_show_once_it_is_attached_and_people_are_found_by_them() -> None:
    store = Store(None)
    defaults.install_defaults(store)
    fill(store, "marketo", "lived", 400, 7, TODAY)
    client = app.create(store, SandboxClock(store)).test_client()
    credentials = f"client_id={store.setting('client_id')}&client_secret={store.setting('client_secret')}"
    token = client.get(f"/identity/oauth/token?grant_type=client_credentials&{credentials}").get_json()["access_token"]
    known = {body["sfdcContactId"]: body["id"] for _, body in store.all("leads") if "sfdcContactId" in body}
    id = next(iter(known))
    path = f"/rest/v1/leads.json?filterType=sfdcContactId&filterValues={id}&fields=sfdcContactId"
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get(path, headers=headers).get_json()["success"] is False
    store.set("crm", {"attached": True, "sync": "paused"})
    found = client.get(path, headers=headers).get_json()["result"]
    assert {each["sfdcContactId"]: each["id"] for each in found}[id] == known[id]
