"""The adapter against the sandbox's messy estate: everything is read, once, and consent reads as the estate meant it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mamigrate.clock import WallClock
from mamigrate.contract import Connection, NeutralRow, Secret
from mamigrate.http.transports import standing
from mamigrate.model.estate import ESTATE_MODELS
from mamigrate.model.kinds import Kind
from mamigrate.model.population import POPULATION_MODELS
from mamigrate_hubspot.adapter import HubSpot, HubSpotInstance
from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.estates.catalogue import WORLDS, fill
from mamigrate_sandbox.estates.truth import verdicts
from mamigrate_sandbox.hubspot.app import create
from mamigrate_sandbox.hubspot.describe import install_defaults
from mamigrate_sandbox.serve import InProcess
from mamigrate_sandbox.store import Store

BASE = "http://127.0.0.1:9"
PEOPLE, SEED, TODAY = 200, 7, datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Everything:
    """All rows by kind, problems' codes by kind."""

    rows: dict[Kind, list[NeutralRow]]
    problems: dict[Kind, Counter[str]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    file: Path = tmp_path_factory.mktemp("hubspot") / "state.sqlite"
    store = Store(file)
    install_defaults(store)
    fill(store, "hubspot", "messy", PEOPLE, SEED, TODAY)
    yield store
    store.close()


@pytest.fixture(scope="module")
def instance(store: Store) -> Iterator[HubSpotInstance]:
    secrets = {"access_token": Secret(store.setting("access_token"))}
    connection = Connection("src", "hubspot", BASE, "Asia/Tokyo", {"explicit_consent": "false"}, secrets, 3600)
    with standing(BASE, InProcess(create(store, SandboxClock(store, 3600)))):
        yield HubSpot().connect(connection, WallClock(3600))


@pytest.fixture(scope="module")
def everything(instance: HubSpotInstance) -> Everything:
    found = Everything(defaultdict(list), defaultdict(Counter))
    for kind in instance.reads():
        for page in _pages(instance, kind):
            for name, rows in page.content.rows.items():
                found.rows[name] += rows
            found.problems[kind].update(one.code for one in page.content.problems)
    live = [row for row in found.rows[Kind.PERSON] if not row["archived"]]
    for page in instance.read_for(Kind.CONSENT_FACT, live):
        assert instance.normalise(Kind.CONSENT_FACT, page.landed) == page.content
        found.rows[Kind.CONSENT_FACT] += page.content.rows[Kind.CONSENT_FACT]
        found.problems[Kind.CONSENT_FACT].update(one.code for one in page.content.problems)
    return found


def _pages(instance: HubSpotInstance, kind: Kind) -> Iterator[Any]:
    cursor: str | None = None
    while True:
        page = instance.read(kind, cursor)
        assert instance.normalise(kind, page.landed) == page.content
        yield page
        if (cursor := page.next) is None:
            return


def test_every_kind_is_read_to_its_model_with_unique_keys(everything: Everything) -> None:
    for kind, rows in everything.rows.items():
        model = {**ESTATE_MODELS, **POPULATION_MODELS}[kind]
        for row in rows:
            model.model_validate(row)
        doubles = [key for key, times in Counter(row["key"] for row in rows).items() if times > 1]
        assert doubles == [], kind


def test_nothing_is_left_out(store: Store, everything: Everything) -> None:
    rows = everything.rows
    assert len(rows[Kind.PERSON]) == store.count("contacts")
    assert len(rows[Kind.ACCOUNT]) == store.count("companies")
    assert len(rows[Kind.OPPORTUNITY]) == store.count("deals")
    assert len(rows[Kind.LIST]) == store.count("lists")
    assert len(rows[Kind.WORKFLOW]) == store.count("flows")
    assert len(rows[Kind.TOPIC]) == store.count("definitions")
    assert len(rows[Kind.PROGRAM]) == store.count("campaigns") + store.count("marketing-events")
    kinds = ("emails", "forms", "landing-pages", "site-pages", "files")
    assert len(rows[Kind.ASSET]) == sum(store.count(kind) for kind in kinds)
    fields = sum(store.count(f"properties/{name}") for name in ("contacts", "companies", "deals"))
    assert len(rows[Kind.FIELD]) == fields


def test_references_lead_to_objects_that_were_read(everything: Everything) -> None:
    known = {(kind, row["key"]) for kind, rows in everything.rows.items() for row in rows}
    dangling = Counter(
        (str(kind), reference["role"])
        for kind in (Kind.LIST, Kind.WORKFLOW, Kind.ASSET, Kind.PROGRAM)
        for row in everything.rows[kind]
        for reference in row["references"]
        if (reference["kind"], reference["key"]) not in known
    )
    found = sum(len(row["references"]) for kind in ESTATE_MODELS for row in everything.rows[kind])
    assert found > 500
    assert sum(dangling.values()) <= 10, dangling  # The estate has a few on purpose.


def test_lists_that_leave_people_out_are_marked(everything: Everything) -> None:
    excluded = [row["name"] for row in everything.rows[Kind.LIST] if row["used_as_exclusion"]]
    assert len(excluded) == 12


def test_a_finding_tells_of_each_value_that_does_not_parse(everything: Everything) -> None:
    assert set(everything.problems[Kind.PERSON]) <= {"bad_value"}
    assert set(everything.problems[Kind.CONSENT_FACT]) <= {"consent_unread"}


def test_what_was_read_says_to_whom_the_account_would_send(everything: Everything) -> None:
    """The sandbox's own judgement against blockers, exclusions and facts as read here."""
    world = WORLDS["messy"](PEOPLE, SEED, TODAY)
    truth = verdicts(world, crm=False)
    names = {str(topic.number): topic.key for topic in world.estate.topics if topic.active}
    topics = {row["key"]: row["brand"] for row in everything.rows[Kind.TOPIC] if row["key"] in names}
    assert topics.keys() == names.keys()
    denied = _denied(everything, topics)
    unread = {fact["address_loose"] for fact in everything.rows[Kind.CONSENT_FACT] if fact["kind"] == "unparsed"}
    wrong = {}
    for row in everything.rows[Kind.PERSON]:
        loose = row["email_loose"]
        if loose is None or row["archived"] or loose in unread or len(truth[loose].records) != 1:
            continue
        open_topics = {names[topic] for topic in topics.keys() - denied[row["key"]]}
        if open_topics != truth[loose].before:
            wrong[row["key"]] = (sorted(open_topics), sorted(truth[loose].before), truth[loose].why)
    assert wrong == {}


def _denied(everything: Everything, topics: dict[str, str]) -> dict[str, set[str]]:
    excluded = {row["key"] for row in everything.rows[Kind.LIST] if row["used_as_exclusion"]}
    held = {row["person_key"] for row in everything.rows[Kind.LIST_MEMBERSHIP] if row["list_key"] in excluded}
    by_address: dict[str, set[str]] = defaultdict(set)
    for fact in everything.rows[Kind.CONSENT_FACT]:
        if fact["polarity"] == "-" and "/timeline/" not in fact["key"]:
            by_address[fact["address_loose"]] |= _covered(fact, topics)
    complaints = {f["address_loose"] for f in everything.rows[Kind.CONSENT_FACT] if f["kind"] == "complaint"}
    denied = {}
    for row in everything.rows[Kind.PERSON]:
        blocked = any(_blocks(blocker, row["values"]) for blocker in HubSpot().blockers)
        whole = blocked or row["key"] in held or row["email_loose"] in complaints
        denied[row["key"]] = set(topics) if whole else by_address[row["email_loose"]]
    return denied


def _covered(fact: NeutralRow, topics: dict[str, str]) -> set[str]:
    return {
        topic
        for topic, brand in topics.items()
        if fact["topic"] in ("*", topic) and (fact["topic"] != "*" or fact["brand"] in ("*", brand))
    }


def _blocks(blocker: Any, values: dict[str, str]) -> bool:
    value = values.get(blocker.field)
    if blocker.when == "set":
        return bool(value)
    return bool((value == "true") == (blocker.when == "true"))


def test_counts_come_from_another_endpoint(everything: Everything, instance: HubSpotInstance) -> None:
    live = sum(1 for row in everything.rows[Kind.PERSON] if not row["archived"])
    assert instance.count(Kind.PERSON) == live
    assert instance.count(Kind.TOPIC) is None


def test_a_healthy_account_has_nothing_to_tell_and_its_crm_is_known(instance: HubSpotInstance) -> None:
    assert instance.check() == []
    assert instance.info().crm_linked


def test_a_missing_scope_and_a_hidden_blocker_are_findings(store: Store, instance: HubSpotInstance) -> None:
    store.set("switches", {"hidden_fields": ["hs_email_optout"]})
    store.set("scopes", [scope for scope in _SCOPES if scope != "automation"])
    try:
        secrets = {"access_token": Secret(store.setting("access_token"))}
        connection = Connection("src", "hubspot", BASE, "UTC", {"explicit_consent": "false"}, secrets, 3600)
        found = HubSpot().connect(connection, WallClock(3600)).check()
    finally:
        store.set("switches", {})
        store.set("scopes", None)
    by_code = {one.code: one.params for one in found}
    assert by_code["scope_missing"]["scopes"] == "automation"
    assert by_code["blocker_field_unreadable"]["field"] == "hs_email_optout"


_SCOPES = (
    "crm.objects.contacts.read",
    "crm.objects.companies.read",
    "crm.objects.deals.read",
    "crm.objects.owners.read",
    "crm.schemas.contacts.read",
    "crm.schemas.companies.read",
    "crm.schemas.deals.read",
    "crm.lists.read",
    "communication_preferences.read",
    "communication_preferences.statuses.batch.read",
    "automation",
    "content",
    "marketing-email",
    "forms",
    "files",
    "marketing.campaigns.read",
    "crm.objects.marketing_events.read",
)


def test_changes_since_a_moment_are_the_people_changed_since(everything: Everything, instance: HubSpotInstance) -> None:
    moments = sorted(row["updated_at"] for row in everything.rows[Kind.PERSON])
    middle = moments[len(moments) // 2]
    cursor: str | None = f"since:{middle.isoformat()}"
    found: dict[str, NeutralRow] = {}
    while cursor is not None:
        page = instance.read(Kind.PERSON, cursor)
        found |= {row["key"]: row for row in page.content.rows[Kind.PERSON]}
        cursor = page.next
    changed = {
        row["key"]: row
        for row in everything.rows[Kind.PERSON]
        if not row["archived"] and row["values"]["lastmodifieddate"] >= middle.strftime("%Y-%m-%dT%H:%M:%S")
    }
    assert found.keys() == changed.keys()
    assert all(sorted(found[key]["account_keys"]) == sorted(row["account_keys"]) for key, row in changed.items())
