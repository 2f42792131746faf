"""A whole move over the wire between two platforms that one CRM is linked to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from mamigrate_sandbox.estates import truth
from mamigrate_sandbox.estates.hubspot_names import contact_id
from mamigrate_sandbox.estates.lived import Lived
from mamigrate_sandbox.estates.marketo_people import lead_id
from mamigrate_sandbox.estates.messy import Messy
from mamigrate_sandbox.estates.world import Person
from rig import Rig, ceilings, mailable, too_permissive

pytestmark = [pytest.mark.gate, pytest.mark.turns]


@dataclass(frozen=True)
class Linked:
    """What was moved. ``apart`` are people of the source with the ids of the records that the CRM says are theirs, under
    other addresses; ``before`` are the leads that were there."""

    rig: Rig
    report: dict[str, Any]
    apart: list[tuple[Person, int]]
    before: dict[int, dict[str, Any]]


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    """Five hundred people. Marketo's CRM rests, and lets everybody look at companies and deals and nobody write them."""
    rig = Rig(tmp_path_factory.mktemp("linked"), people=500)
    rig.target.store.set("crm", {"attached": True, "sync": "paused"})
    rig.accept("opt-out-sync/marketo")
    assert isinstance(rig.world, Messy)
    source = {person.crm.id[:15]: person for person in rig.world.people() if person.crm}
    lived = [one for one in Lived(rig.people, rig.seed, rig.world.today).people() if one.crm]
    apart = [(source[one.crm.id[:15]], lead_id(one.number)) for one in lived if one.crm and one.role == "own"]
    before = {int(lead["id"]): lead for lead in rig.leads()}
    yield Linked(rig, rig.run("--unmask"), apart, before)
    rig.stop()


def test_people_are_found_under_another_address_and_the_record_keeps_its_own(linked: Linked) -> None:
    leads = {int(lead["id"]): lead for lead in linked.rig.leads()}
    moved = [(person, leads[id]) for person, id in linked.apart if "mmSourceKey" in leads[id]]
    assert {bool(person.wide) for person, _ in moved} == {True, False}
    for person, lead in moved:
        assert truth.loose(lead["email"]) != truth.loose(person.address or "")
        assert lead["email"] == linked.before[int(lead["id"])]["email"]
        assert lead["mmSourceKey"] == f"hubspot/person/{contact_id(person.number)}"
    assert {bool(person.wide) for person, lead in moved if mailable(lead)} == {False}
    told = {one["reason"]: one["objects"] for one in linked.report["reasons"] if one["kind"] == "person"}
    assert told["crm_id"] > len(moved)


def test_whoever_said_no_is_denied_on_the_record_of_the_id_though_another_reason_parks_them(linked: Linked) -> None:
    leads = {int(lead["id"]): lead for lead in linked.rig.leads()}
    denied = [leads[id] for person, id in linked.apart if person.wide]
    assert {"mmSourceKey" in lead for lead in denied} == {True, False}
    assert not any(map(mailable, denied))
    assert any(mailable(linked.before[int(lead["id"])]) for lead in denied)


def test_nobody_is_mailable_who_is_denied_under_either_address(linked: Linked) -> None:
    assert linked.report["consent"] == "PASS"
    assert too_permissive(linked.rig.leads(), ceilings(linked.rig.world)) == []
    opened = [
        lead for lead in linked.rig.leads() if mailable(lead) and not mailable(linked.before.get(int(lead["id"]), lead))
    ]
    assert opened == []


def test_the_one_whose_id_and_address_disagree_is_parked_and_held_on_both_records(linked: Linked) -> None:
    (found,) = [one for one in linked.report["findings"] if one["code"] == "crm_id_conflict"]
    both = [int(found["params"][name]) for name in ("by_crm", "by_address")]
    leads = {int(lead["id"]): lead for lead in linked.rig.leads()}
    assert [mailable(leads[id]) for id in both] == [False, False]
    assert ["mmSourceKey" in leads[id] for id in both] == [False, False]


def test_what_the_crm_keeps_to_itself_is_handed_over_and_nobody_is_refused_for_it(linked: Linked) -> None:
    """Marketo refuses companies and deals (1018), and a company's fields that come with a person (1021)."""
    accounts = linked.report["accounts"]
    assert [set(accounts[kind]["buckets"]) for kind in ("account", "opportunity")] == [{"handed"}] * 2
    assert "rejected" not in accounts["person"]["buckets"]


def test_nothing_reaches_the_crm_and_the_report_does_not_claim_to_have_counted(linked: Linked) -> None:
    assert linked.rig.side_effects() == {"sends": 0, "enrolments": 0, "crm_pushes": 0}
    assert linked.report["effects"]["crm_pushes"] == {"planned": 0, "actual": None}


def test_a_second_run_writes_nothing_more(linked: Linked) -> None:
    before = linked.rig.writes()
    report = linked.rig.run()
    assert (report["plan"]["writes"], linked.rig.writes()) == (0, before)
    assert all(one["closed"] for one in report["accounts"].values())
