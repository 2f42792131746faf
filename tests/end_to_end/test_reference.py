"""Moves of real-shaped data that nobody here wrote: every raw value lands, is kept, or is told with object, field and value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import raw
from rig import Rig, mailable

MARKETO = {"person": ("leads", "mmSourceKey"), "account": ("companies", "externalCompanyId")}
MARKETO["opportunity"] = ("opportunities", "externalOpportunityId")


@dataclass
class Moved:
    """A finished move of the reference data, and where its files stand."""

    rig: Rig
    data: Path
    report: dict[str, Any]

    @property
    def accounts(self) -> dict[tuple[str, str], dict[str, str]]:
        return self.rig.accounts(self.report)

    def landed(self, kind: str) -> dict[str, dict[str, Any]]:
        """What stands on the target by id of the source."""
        shelf, key = MARKETO[kind]
        found = {str(body.get(key) or ""): body for _, body in self.rig.target.store.all(shelf)}
        start = f"hubspot/{kind}/"
        return {key.removeprefix(start): body for key, body in found.items() if key.startswith(start)}

    def kept(self, kind: str) -> dict[str, dict[str, str]]:
        return self.rig.kept(self.report, kind)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory, reference_data: Path) -> Iterator[Moved]:
    data = reference_data / "data"
    rig = Rig(tmp_path_factory.mktemp("reference"), estate=f"data:{data}", others=f"data:{data}")
    rig.accept("opt-out-sync/marketo")  # No API of either side tells what becomes of an opt-out in its CRM.
    yield Moved(rig, data, rig.run("--unmask"))
    rig.stop()


def test_the_accounts_of_every_kind_close(moved: Moved) -> None:
    read = {kind: one["read"] for kind, one in moved.report["accounts"].items()}
    assert {kind: one for kind, one in moved.report["accounts"].items() if not one["closed"]} == {}
    assert (read["person"], read["account"], read["opportunity"]) == (50, 24, 44)


def test_every_raw_value_lands_or_is_kept_or_is_told(moved: Moved) -> None:
    told = {
        (found["subject"], found["params"]["field"]): str(found["params"]["value"])
        for found in moved.report["findings"]
        if {"field", "value"} <= found["params"].keys()
    }
    told_of = {subject for subject, _ in told}
    accounts = moved.accounts
    raw_values = raw.values(moved.data / "hubspot")
    assert len(raw_values) > 600
    silent = []
    landed, kept = {kind: moved.landed(kind) for kind in MARKETO}, {kind: moved.kept(kind) for kind in MARKETO}
    for (kind, id, name), texts in raw_values.items():
        stands = [str(value) for value in landed[kind].get(id, {}).values()]
        if any(same(text, value) for text in texts for value in stands):
            continue
        value, subject = kept[kind].get(id, {}).get(name), f"hubspot/{kind}/{id}"
        in_snapshot = value is not None and any(same(text, value) for text in texts)
        if told.get((subject, name)) in texts:
            continue
        left = accounts[("field", f"{kind}/{name}")]
        if in_snapshot and left["bucket"] == "left" and left["detail"] != "empty on the source":
            continue
        if in_snapshot and accounts[(kind, id)]["bucket"] == "parked" and subject in told_of:
            continue
        silent.append((kind, id, name, texts))
    assert silent == []


def test_every_raw_list_and_membership_has_its_account(moved: Moved) -> None:
    accounts, hubspot = moved.accounts, moved.data / "hubspot"
    assert [one for one in raw.lists(hubspot) if ("list", one) not in accounts] == []
    assert [one for one in raw.members(hubspot) if ("list_membership", one) not in accounts] == []


def test_who_is_parked_is_told_with_field_and_value(moved: Moved) -> None:
    parked = [found for found in moved.report["findings"] if found["code"] == "parked"]
    addresses = {
        row["property_email"] for row in raw.rows(moved.data / "hubspot/connector-csv/fivetran/contact_data.csv")
    }
    assert {found["params"]["value"] for found in parked} == addresses
    assert {found["params"]["field"] for found in parked} == {"email"}


def test_nobody_is_mailable_whom_the_raw_files_do_not_let_be_mailed(moved: Moved) -> None:
    """No raw contact says that it is a marketing contact, so that HubSpot would mail none of them."""
    values = raw.values(moved.data / "hubspot")
    assert {name for _, _, name in values if name == "hs_marketable_status"} == set()
    assert len(moved.rig.leads_of_ours()) == 28
    assert [lead["email"] for lead in moved.rig.leads_of_ours() if mailable(lead)] == []
    assert (moved.report["consent"], moved.report["reach"]["newly_reachable"]) == ("PASS", 0)


def test_nothing_is_sent_enrolled_or_pushed(moved: Moved) -> None:
    assert moved.rig.side_effects() == {"sends": 0, "enrolments": 0, "crm_pushes": 0}


def test_a_second_run_writes_nothing(moved: Moved) -> None:
    before = moved.rig.writes()
    second = moved.rig.run()
    assert moved.rig.writes() - before == {}
    assert (second["plan"]["writes"], second["consent"]) == (0, "PASS")


def same(raw_text: str, value: str) -> bool:
    """Equal as sets of choices, as numbers, or as moments."""
    if set(raw_text.strip().lower().split(";")) == set(value.strip().lower().split(";")):
        return True
    return any(left is not None and left == read(value) for read in (number, moment) for left in (read(raw_text),))


def number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    try:
        if text.isdigit() and len(text) == 13:
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        found = datetime.fromisoformat(re.sub(r" (\d):", r" 0\1:", text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
