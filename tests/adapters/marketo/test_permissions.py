"""The check finds what the role of the API user may not do, and writes nothing to find it out."""

from collections.abc import Iterator

import pytest

from mamigrate.capabilities import Level, Power
from mamigrate.clock import WallClock
from mamigrate.contract import Connection, Secret
from mamigrate.http.transports import standing
from mamigrate.model.kinds import Kind
from mamigrate_marketo.adapter import Marketo, MarketoInstance
from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.faults import Faults, Rule
from mamigrate_sandbox.marketo.app import create
from mamigrate_sandbox.marketo.defaults import install_defaults
from mamigrate_sandbox.serve import InProcess
from mamigrate_sandbox.store import Store

BASE, SPEED = "http://127.0.0.1:9", 36_000.0
WRITTEN = [
    row for row in Marketo.capabilities.rows if row.power is Power.WRITE and row.level in (Level.FULL, Level.PARTIAL)
]
EVERYTHING = sorted({scope for row in Marketo.capabilities.rows for scope in row.scopes})


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store(None)
    install_defaults(store)
    with standing(BASE, InProcess(create(store, SandboxClock(store, SPEED)))):
        yield store
    store.close()


def with_role(store: Store, *permissions: str) -> MarketoInstance:
    store.set("permissions", list(permissions))
    connection = Connection(
        "dst",
        "marketo",
        BASE,
        options={"client_id": store.setting("client_id")},
        secrets={"client_secret": Secret(store.setting("client_secret"))},
        speed=SPEED,
    )
    return Marketo().connect(connection, WallClock(SPEED))


def missing(instance: MarketoInstance) -> list[str]:
    return [one.params["scopes"] for one in instance.check() if one.code == "permission_missing"]


def test_a_role_with_the_permissions_of_the_rows_is_good_and_nothing_is_written(store: Store) -> None:
    before = {kind: store.count(kind) for kind in store.kinds()}
    assert with_role(store, *EVERYTHING).check() == []
    assert {kind: store.count(kind) for kind in store.kinds()} == before


@pytest.mark.parametrize("scope", sorted({scope for row in WRITTEN for scope in row.scopes}))
def test_a_permission_to_write_that_is_missing_is_named(store: Store, scope: str) -> None:
    found = missing(with_role(store, *(one for one in EVERYTHING if one != scope)))
    assert set(found) == {scope}


@pytest.mark.parametrize(("kind", "area"), [(Kind.ACCOUNT, "Company"), (Kind.OPPORTUNITY, "Opportunity")])
def test_a_permission_to_read_that_is_missing_is_named(store: Store, kind: Kind, area: str) -> None:
    found = missing(with_role(store, *(one for one in EVERYTHING if not one.endswith(area))))
    assert found == [f"Read-Only {area}", f"Read-Write {area}"]


def test_a_role_that_may_not_see_assets_is_told_before_a_run(store: Store) -> None:
    found = {one.code: one.severity for one in with_role(store, "Read-Write Lead").check()}
    assert found["campaigns_unread"] == "block"


def test_a_role_that_may_see_nobody_is_refused_at_the_door(store: Store) -> None:
    assert [one.code for one in with_role(store, "Read-Write Assets").check()] == ["access_refused"]


def test_a_subscription_that_cannot_be_reached_is_tried_again(store: Store) -> None:
    app = Faults(create(store, SandboxClock(store, SPEED)), "marketo", lambda seconds: None)
    with standing(BASE, InProcess(app)):
        instance = with_role(store, *EVERYTHING)
        app.set([Rule("refuse", path="staticLists", code="614", message="Subscription unreachable", next=2)], 0)
        assert instance.read(Kind.LIST, None).content.rows[Kind.LIST] == []
    assert app.hits == {"refuse": 2}


def test_what_only_a_sync_needs_is_asked_for_apart(store: Store) -> None:
    assert with_role(store, *EVERYTHING, "Read-Only Activity").check_sync() == []
    (found,) = with_role(store, *(one for one in EVERYTHING if not one.endswith(" Activity"))).check_sync()
    assert (found.code, "Read-Only Activity" in found.params["scopes"]) == ("permission_missing", True)
