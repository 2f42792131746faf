"""The adapter against the sandbox: what is written is there, what is there is read."""

from collections.abc import Iterator

import pytest

from mamigrate.clock import WallClock
from mamigrate.contract import Change, Connection, Secret, Status
from mamigrate.http.transports import standing
from mamigrate.model.estate import ESTATE_MODELS
from mamigrate.model.kinds import Kind
from mamigrate_marketo.adapter import Marketo, MarketoInstance
from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.marketo.app import create
from mamigrate_sandbox.marketo.defaults import install_defaults
from mamigrate_sandbox.serve import InProcess
from mamigrate_sandbox.store import Store

BASE = "http://127.0.0.1:9"


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store(None)
    install_defaults(store)
    yield store
    store.close()


@pytest.fixture
def instance(store: Store) -> Iterator[MarketoInstance]:
    connection = Connection(
        "dst",
        "marketo",
        base_url=BASE,
        options={"client_id": store.setting("client_id")},
        secrets={"client_secret": Secret(store.setting("client_secret"))},
        speed=600,
    )
    with standing(BASE, InProcess(create(store, SandboxClock(store, 600)))):
        yield Marketo().connect(connection, WallClock(600))


@pytest.fixture
def keyed(instance: MarketoInstance) -> MarketoInstance:
    field = Change("f", None, {"api_name": "mmSourceKey", "label": "Source key", "data_type": "text"})
    assert instance.write(Kind.FIELD, [field])[0].status is Status.CREATED
    return instance


def person(key: str, **values: str | None) -> Change:
    return Change(key, None, {"mmSourceKey": key, **values})


def test_every_estate_kind_reads_to_its_model(instance: MarketoInstance) -> None:
    for kind in instance.reads():
        cursor: str | None = None
        while True:
            page = instance.read(kind, cursor)
            assert instance.normalise(kind, page.landed) == page.content
            assert list(page.content.problems) == []
            for row in page.content.rows[kind]:
                ESTATE_MODELS[kind].model_validate(row)
            if (cursor := page.next) is None:
                break


def test_a_person_is_created_once_and_found_again(keyed: MarketoInstance) -> None:
    change = person("s/1", email="ana@x.example", firstName="Ana", unsubscribed="true", unsubscribedReason="objection")
    (first,), (again,) = keyed.write(Kind.PERSON, [change]), keyed.write(Kind.PERSON, [change])
    assert (first.status, again.status) == (Status.CREATED, Status.UPDATED)
    assert first.target_key == again.target_key
    (row,) = keyed.find(Kind.PERSON, "mmSourceKey", ["s/1", "s/2"], ["firstName"])
    assert row["key"] == first.target_key
    assert row["values"]["firstName"] == "Ana"
    assert row["values"]["unsubscribed"] == "true"
    assert row["values"]["marketingSuspended"] == "false"
    (by_id,) = keyed.find(Kind.PERSON, "id", [row["key"]], [])
    assert by_id["email"] == "ana@x.example"


def test_known_people_are_updated_and_bad_values_rejected(keyed: MarketoInstance) -> None:
    (made,) = keyed.write(Kind.PERSON, [person("s/1", email="ana@x.example")])
    changes = [Change("s/1", made.target_key, {"marketingSuspended": "true"}), person("s/2", leadScore="14c")]
    updated, refused = keyed.write(Kind.PERSON, changes)
    assert updated.status is Status.UPDATED
    assert (refused.status, refused.field, refused.value) == (Status.REJECTED, "leadScore", "14c")


def test_lists_and_their_members_are_written_once(keyed: MarketoInstance) -> None:
    made = keyed.write(Kind.LIST, [Change("l/1", None, {"name": "営業NG"}), Change("l/2", None, {"name": "VIP, east"})])
    again = keyed.write(Kind.LIST, [Change("l/1", None, {"name": "営業NG"})])
    assert [one.status for one in made] == [Status.CREATED] * 2
    assert (again[0].status, again[0].target_key) == (Status.EQUAL, made[0].target_key)
    found = keyed.find(Kind.LIST, "name", ["営業NG", "VIP, east", "nothing"], [])
    assert {(row["name"], row["key"]) for row in found} == {
        ("営業NG", made[0].target_key),
        ("VIP, east", made[1].target_key),
    }
    (ana,) = keyed.write(Kind.PERSON, [person("s/1", email="ana@x.example")])
    link = {"list": (made[0].target_key or "",), "person": (ana.target_key or "",)}
    gone = {**link, "person": ("999999",)}
    added, missing = keyed.write(Kind.LIST_MEMBERSHIP, [Change("m/1", None, {}, link), Change("m/2", None, {}, gone)])
    assert added.status is Status.CREATED
    assert missing.status is Status.REJECTED
    asked = [one.target_key or "" for one in made]
    members = keyed.find(Kind.LIST_MEMBERSHIP, "list", [*asked, "999999"], [])
    assert [(row["list_key"], row["person_key"]) for row in members] == [(made[0].target_key, ana.target_key)]


def test_members_of_a_list_come_in_pages(keyed: MarketoInstance) -> None:
    (made,) = keyed.write(Kind.LIST, [Change("l/1", None, {"name": "Big"})])
    list_key, keys = made.target_key or "", []
    for start in (0, 300):
        people = [person(f"s/{n}", email=f"p{n}@x.example") for n in range(start, min(start + 300, 301))]
        keys += [one.target_key or "" for one in keyed.write(Kind.PERSON, people)]
    links = [Change(f"m/{key}", None, {}, {"list": (list_key,), "person": (key,)}) for key in keys]
    for start in (0, 300):
        keyed.write(Kind.LIST_MEMBERSHIP, links[start : start + 300])
    members = keyed.find(Kind.LIST_MEMBERSHIP, "list", [list_key], [])
    assert sorted(row["person_key"] for row in members) == sorted(keys)


def test_companies_people_and_opportunities_are_tied_together(keyed: MarketoInstance) -> None:
    (company,) = keyed.write(Kind.ACCOUNT, [Change("a/1", None, {"company": "Minamo"})])
    assert (company.status, company.target_key) == (Status.CREATED, "a/1")
    ana_change = Change("s/1", None, {"mmSourceKey": "s/1", "email": "ana@x.example"}, {"account": ("a/1",)})
    (ana,) = keyed.write(Kind.PERSON, [ana_change])
    links = {"person": (ana.target_key or "",), "account": ("a/1",)}
    deal = Change("o/1", None, {"name": "Scale", "amount": "1200.5"}, links)
    (made,), (again,) = keyed.write(Kind.OPPORTUNITY, [deal]), keyed.write(Kind.OPPORTUNITY, [deal])
    assert (made.status, made.code) == (Status.CREATED, "")
    assert (again.status, again.code) == (Status.UPDATED, "")
    (row,) = keyed.find(Kind.OPPORTUNITY, "id", ["o/1"], ["name", "amount", "externalCompanyId"])
    assert row["values"]["amount"] == "1200.5"
    assert (row["account_keys"], row["person_keys"]) == (["a/1"], [ana.target_key])
    (again,) = keyed.write(Kind.OPPORTUNITY, [Change("o/1", "o/1", {}, links)])
    assert (again.status, again.code) == (Status.UPDATED, "")
    (account,) = keyed.find(Kind.ACCOUNT, "externalCompanyId", ["a/1"], ["company"])
    assert account["name"] == "Minamo"
    (found,) = keyed.find(Kind.PERSON, "id", [ana.target_key or ""], ["externalCompanyId"])
    assert found["account_keys"] == ["a/1"]


def test_people_are_deleted(keyed: MarketoInstance) -> None:
    (ana,) = keyed.write(Kind.PERSON, [person("s/1", email="ana@x.example")])
    (gone,) = keyed.delete(Kind.PERSON, [ana.target_key or ""])
    assert gone.status is Status.DELETED
    assert keyed.find(Kind.PERSON, "mmSourceKey", ["s/1"], []) == []
    (again,) = keyed.delete(Kind.PERSON, [ana.target_key or ""])
    assert again.status is Status.DELETED


def test_a_fresh_instance_has_nothing_to_report(instance: MarketoInstance) -> None:
    assert list(instance.check()) == []
    (quota,) = instance.quotas()
    assert quota.used > 0
    assert quota.limit == 50_000


@pytest.mark.parametrize(("trigger", "found"), [("Fills Out Form", []), ("Data Value Changes", ["campaign_active"])])
def test_an_active_campaign_is_judged_by_what_starts_it(
    store: Store, instance: MarketoInstance, trigger: str, found: list[str]
) -> None:
    """As a run judges it: people may fill out forms, whatever is written."""
    common = {"name": "Welcome", "folder": {"id": 15, "type": "Folder"}, "workspace": "Default"}
    rules = {"filterMatchType": "all", "triggers": [{"name": trigger}], "filters": []}
    store.put("smart-lists", "6001", {**common, "id": 6001, "rules": rules, "_system": True})
    store.put("smart-campaigns", "3001", {**common, "id": 3001, "type": "trigger", "status": "Active", "isActive": True,
                                          "isSystem": False, "isRequestable": False, "smartListId": 6001})  # fmt: skip
    assert [one.code for one in instance.check()] == found
    (read,) = instance.read(Kind.WORKFLOW, None).content.rows[Kind.WORKFLOW]
    assert read["fires_on_write"] is bool(found)


def test_wrong_credentials_are_a_finding(store: Store, instance: MarketoInstance) -> None:
    store.set("client_secret", "another")
    assert [(one.code, one.params["fix"]) for one in instance.check()] == [("access_refused", "credentials_or_role")]
