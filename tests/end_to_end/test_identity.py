"""Who is whom after a ledger is lost, records are merged or people part again: nobody is opened, nobody overwritten."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import requests

from mamigrate.stages import apply
from mamigrate.testing.memory_state import Record
from pair import Pair, mailable
from rig import Rig
from rig import mailable as mailable_lead

pytestmark = [pytest.mark.gate, pytest.mark.turns]


def lose_everything(pair: Pair) -> None:
    """As on a second machine."""
    shutil.rmtree(pair.folder / ".mamigrate")
    (pair.folder / "mapping.yaml").unlink(missing_ok=True)


def leave(pair: Pair, address: str) -> Record:
    """Somebody unsubscribes on the target."""
    there = pair.landed(address)
    there.values["unsubscribed"] = "true"
    pair.target.unsubscribed.add(address)
    return there


def test_who_left_on_the_target_stays_out_when_the_ledger_is_lost_and_the_address_changed(pair: Pair) -> None:
    ana = pair.source.person("old@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.moved()
    there = leave(pair, "old@x.example")
    ana.values["email"] = "new@x.example"
    lose_everything(pair)
    said = pair.moved()
    assert len(pair.target.people) == 2
    assert there.values["email"] == "old@x.example"
    assert not mailable(there)
    assert {reason for _, reason in said.reasons("person")} == {"source_key"}


def test_another_platform_of_the_same_name_overwrites_nobody(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.moved()
    there = dict(pair.landed("ana@x.example").values)
    pair.source.records.clear()
    carl = pair.source.person("carl@z.example", id="5")
    carl.created_at = carl.created_at.replace(year=2011)
    lose_everything(pair)
    said = pair.run()
    assert said.reasons("person") == {("parked", "key_elsewhere"): 1}
    assert pair.landed("ana@x.example").values == there


def test_a_record_that_took_our_key_over_is_closed_with_the_person(pair: Pair) -> None:
    """Two leads were merged on the target: the winner has our key and another address."""
    ana = pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.moved()
    there = pair.landed("ana@x.example")
    key = there.values["mm_source_key"]
    other = pair.target.person("ana.work@z.example", id="91", mm_source_key=key)
    del pair.target.people[there.id]  # type: ignore[attr-defined]  # the state keeps a plain dict
    ana.values["unsubscribed"] = "true"
    pair.run()
    assert not mailable(other)


def test_who_left_on_the_target_stays_out_when_the_source_merges_the_record(pair: Pair) -> None:
    pair.source.person("a@x.example", id="5")
    pair.source.person("b@x.example", id="6")
    pair.moved()
    assert mailable(pair.landed("b@x.example"))
    leave(pair, "a@x.example")
    pair.source.people["5"].archived = True
    pair.source.people["6"].merged.append("5")
    pair.moved()
    assert not mailable(pair.landed("b@x.example"))
    assert pair.moved().report["plan"]["writes"] == 0


def test_what_we_held_ourselves_does_not_follow_the_person(pair: Pair) -> None:
    """The source's own facts say it, as long as they hold: a hold of ours is no wish of anybody on the target."""
    pair.source.person("a@x.example", id="5")
    pair.source.person("b@x.example", id="6")
    pair.moved()
    pair.source.people["5"].values["unsubscribed"] = "true"
    pair.moved()
    assert not mailable(pair.landed("a@x.example"))
    pair.source.people["5"].archived = True
    pair.source.people["5"].values.pop("unsubscribed")
    pair.source.people["6"].merged.append("5")
    pair.moved()
    assert mailable(pair.landed("b@x.example"))


def test_one_person_who_becomes_two_again_gets_two_records(pair: Pair) -> None:
    pair.source.person("a@x.example", id="5")
    other = pair.source.person("A@x.example", id="6")
    pair.moved()
    assert len(pair.target.people) == 1
    other.values["email"] = "new@x.example"
    for _ in range(3):
        said = pair.run()
    assert said.code == 0
    assert sorted(one.values["email"].lower() for one in pair.target.people.values()) == [
        "a@x.example",
        "new@x.example",
    ]
    assert said.report["plan"]["writes"] == 0


def test_somebody_whom_the_target_opens_while_we_write_is_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Allowed by the source, closed by the target before the run: whoever opened the record, it was not for us to see."""
    pair.source.person("ana@x.example", id="5")
    there = pair.target.person("ana@x.example", id="90", unsubscribed="true")
    write = apply.apply_people

    def opened(*words: Any) -> None:
        write(*words)
        there.values["unsubscribed"] = "false"

    monkeypatch.setattr(apply, "apply_people", opened)
    said = pair.run()
    found = {"reopened_on_target", "invariant_broken"}
    assert (said.code, said.blocking, said.report["consent"]) == (3, found, "FAIL")


def test_over_the_wire_who_left_stays_out_when_the_ledger_is_lost(tmp_path: Path) -> None:
    rig = Rig(tmp_path, people=200, others="empty")
    try:
        rig.run()
        ours = [lead for lead in rig.leads_of_ours() if mailable_lead(lead) and "/person/" in lead["mmSourceKey"]][:5]
        for lead in ours:
            key = lead["mmSourceKey"].rpartition("/")[2]
            rig.target.store.put("leads", str(lead["id"]), {**lead, "unsubscribed": True})
            body = rig.source.store.get("contacts", key)
            assert body is not None
            _patch(rig, key, f"moved.{body['properties']['email']}")
        shutil.rmtree(rig.folder / ".mamigrate")
        (rig.folder / "mapping.yaml").unlink()
        rig.command("run", "--source", "hubspot", "--target", "marketo")
        there = {lead["id"]: lead for lead in rig.leads()}
        assert [mailable_lead(there[lead["id"]]) for lead in ours] == [False] * len(ours)
        assert [there[lead["id"]]["email"] for lead in ours] == [lead["email"] for lead in ours]
    finally:
        rig.stop()


def _patch(rig: Rig, key: str, email: str) -> None:
    told = rig.source.described()
    requests.patch(
        f"{told['base_url']}/crm/v3/objects/contacts/{key}",
        json={"properties": {"email": email}},
        headers={"Authorization": f"Bearer {told['access_token']}"},
        timeout=60,
    ).raise_for_status()
