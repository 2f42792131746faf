"""The check finds every scope that a reading needs: what it lets pass is read to its end, and what it names ends a reading."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from mamigrate.capabilities import Power
from mamigrate.clock import WallClock
from mamigrate.contract import Connection, Secret
from mamigrate.errors import MamigrateError, Refused
from mamigrate.findings import Severity
from mamigrate.http.transports import standing
from mamigrate_hubspot.adapter import HubSpot, HubSpotInstance
from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.estates.catalogue import fill
from mamigrate_sandbox.hubspot.app import create
from mamigrate_sandbox.hubspot.describe import install_defaults
from mamigrate_sandbox.serve import InProcess
from mamigrate_sandbox.store import Store

BASE, SPEED = "http://127.0.0.1:9", 36_000.0
SCOPES = sorted({scope for row in HubSpot.capabilities.rows if row.power is Power.READ for scope in row.scopes})
OBJECTS = ("contacts", "companies", "deals")


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    store = Store(None)
    install_defaults(store)
    fill(store, "hubspot", "clean", 20, 3, datetime(2026, 6, 1, tzinfo=UTC))
    with standing(BASE, InProcess(create(store, SandboxClock(store, SPEED)))):
        yield store
    store.close()


def without(store: Store, *missing: str) -> HubSpotInstance:
    store.set("scopes", [scope for scope in SCOPES if scope not in missing])
    secrets = {"access_token": Secret(store.setting("access_token"))}
    connection = Connection("src", "hubspot", BASE, "UTC", {"explicit_consent": "false"}, secrets, SPEED)
    return HubSpot().connect(connection, WallClock(SPEED))


def named(instance: HubSpotInstance) -> str:
    blocking = [one for one in instance.check() if one.severity is Severity.BLOCK]
    assert {one.code for one in blocking} <= {"scope_missing"}
    return " ".join(one.params["scopes"] for one in blocking)


def refusal(instance: HubSpotInstance) -> MamigrateError | None:
    """What ends a reading of everything."""
    try:
        for kind in instance.reads():
            cursor: str | None = None
            while True:
                page = instance.read(kind, cursor)
                if (cursor := page.next) is None:
                    break
    except Refused as error:
        return error
    return None


def test_a_token_with_the_scopes_of_the_rows_is_good_and_reads_everything(store: Store) -> None:
    assert named(without(store)) == ""
    assert refusal(without(store)) is None


# Properties and pipelines are shown with either scope of their object: only without both are they refused.
LACKING = [(scope,) for scope in SCOPES] + [(f"crm.objects.{one}.read", f"crm.schemas.{one}.read") for one in OBJECTS]


@pytest.mark.parametrize("missing", LACKING, ids=" ".join)
def test_a_scope_without_which_a_reading_ends_is_named_before_it(store: Store, missing: tuple[str, ...]) -> None:
    told = named(without(store, *missing))
    assert bool(told) is (refusal(without(store, *missing)) is not None)
    assert not told or any(scope in told for scope in missing)


@pytest.mark.parametrize(
    "scope", ["files", "content", "crm.objects.marketing_events.read", "crm.objects.contacts.read"]
)
def test_scopes_of_single_areas_are_asked_for(store: Store, scope: str) -> None:
    assert scope in named(without(store, scope))


def test_a_timeline_that_may_not_be_read_is_an_unread_source_of_opt_outs(vendor: Any, hubspot: HubSpotInstance) -> None:
    vendor.on("GET", "/email/public/v1/subscriptions/timeline", (403, {"category": "MISSING_SCOPES"}))
    vendor.on("GET", "/account-info/.*", {"portalId": 42, "timeZone": "UTC", "results": []})
    (found,) = [one for one in hubspot.check() if one.code == "denials_without_contact_unread"]
    assert found.severity is Severity.WARN


def test_what_only_a_sync_needs_is_asked_for_apart_and_writes_nothing(store: Store) -> None:
    before = {kind: store.count(kind) for kind in store.kinds()}
    reading = without(store)
    store.set("scopes", [*SCOPES, "communication_preferences.read_write"])
    assert reading.check_sync() == []
    (found,) = without(store, "communication_preferences.read_write").check_sync()
    assert (found.code, found.severity) == ("denials_not_writable", Severity.BLOCK)
    assert "communication_preferences.read_write" in found.params["scopes"]
    assert {kind: store.count(kind) for kind in store.kinds()} == before
