"""Every kind of bad input of the messy estate, kind by kind: the finding, or the exact value, in which it ends."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from mamigrate_sandbox.estates import hubspot_names as names
from mamigrate_sandbox.estates import messy_values
from mamigrate_sandbox.estates.world import Person
from rig import Rig, mailable

pytestmark = pytest.mark.gate

Move = tuple[Rig, dict[str, Any]]
FIELDS = {
    "given_name": "firstName", "family_name": "lastName", "full_name": "fullName", "phone": "phone", "postal_code": "postalCode",
    "gyoshu": "gyoshu", "kibo": "kibo", "busho": "busho", "job_title": "title", "interests": "interests", "eigyo_memo": "eigyoMemo",
    "shokai_moto": "shokaiMoto", "yosan": "yosan", "seikyu_kingaku": "seikyuKingaku", "birthday": "dateOfBirthText", "raijo_date": "raijoDate",
}  # fmt: skip


@dataclass
class End:
    """Where one record of the source ended: its account, its lead, and what was told of it as (code, field, value)."""

    person: Person
    account: dict[str, str]
    lead: dict[str, Any] | None
    told: set[tuple[str, str, str]]
    kept: dict[str, str]

    def landed(self, *keys: str) -> bool:
        """The lead shows these values of the record as they were typed."""
        return self.lead is not None and all(self.lead.get(FIELDS[key]) == self.person.values.get(key) for key in keys)

    def told_of(self, key: str, *codes: str) -> bool:
        """The value of a field did not land, and was told with its field and its value."""
        value, field = self.person.values[key], names.property_name(key)
        told = all((code, field, value[:200]) in self.told for code in codes)
        return told and self.lead is not None and self.lead.get(FIELDS[key]) is None

    @property
    def parked(self) -> tuple[str, set[tuple[str, str]]]:
        """Why, and the field and value that were told."""
        told = {(field, value) for code, field, value in self.told if code == "parked"}
        return (self.account["reason"] if self.account["bucket"] == "parked" else "", told)


@pytest.fixture(scope="module")
def ends(moved: Move) -> list[End]:
    rig, report = moved
    accounts, kept = rig.accounts(report), rig.kept(report, "person")
    leads = {lead.get("mmSourceKey"): lead for lead in rig.leads()}
    told: dict[str, set[tuple[str, str, str]]] = {}
    for found in report["findings"]:
        params = found["params"]
        told.setdefault(found["subject"], set()).add((found["code"], params.get("field", ""), params.get("value", "")))
    found_ends = []
    for person in rig.world.people():
        id = names.contact_id(person.number)
        key = f"hubspot/person/{id}"
        found_ends.append(End(person, accounts[("person", id)], leads.get(key), told.get(key, set()), kept[id]))
    return found_ends


def number_ended(end: End) -> bool:
    """A number lands in whatever notation; what is none is told twice, by the reader and by the mapping."""
    text = end.person.values["seikyu_kingaku"]
    try:
        number = float(text)
    except ValueError:
        return end.told_of("seikyu_kingaku", "bad_value", "type_lost")
    return end.lead is not None and end.lead["seikyuKingaku"] == number


ENDS: dict[str, Callable[[End], bool]] = {
    "emoji": lambda end: end.landed("given_name"),
    "formula": lambda end: end.landed("family_name"),
    "script": lambda end: "<" in end.kept["company"] or "{" in end.kept["company"] or "'" in end.kept["company"],
    "one_field": lambda end: end.landed("family_name", "full_name"),
    "swapped": lambda end: end.landed("family_name", "given_name"),
    "kana_as_kanji": lambda end: end.landed("family_name", "given_name"),
    "no_family": lambda end: end.landed("given_name") and "lastName" not in (end.lead or {}),
    "no_company": lambda end: not {"company", "externalCompanyId"} & (end.lead or {}).keys(),
    "long_note": lambda end: end.told_of("eigyo_memo", "too_long_left") and len(end.kept["message"]) == 65_536,
    "unmapped_choice": lambda end: end.landed("gyoshu", "kibo"),
    "bad_date": lambda end: end.landed("birthday") and end.told_of("raijo_date", "bad_value", "type_lost"),
    "bad_number": lambda end: end.landed("yosan") and number_ended(end),
    "wide_digits": lambda end: end.landed("phone", "postal_code"),
    "blanks": lambda end: end.landed("family_name", "busho", "job_title"),
    "many_choices": lambda end: (
        set((end.lead or {})["interests"].split(";")) == set(end.person.values["interests"].split(";"))
    ),
    "control": lambda end: end.landed("eigyo_memo", "busho"),
}


def test_every_kind_of_bad_value_is_looked_at() -> None:
    assert set(ENDS) == {kind for kind, _ in messy_values.QUIRKS}


@pytest.mark.parametrize("kind", ENDS)
def test_a_bad_value_lands_exactly_or_is_told(ends: list[End], kind: str) -> None:
    """People who stood on the target before keep some values there: where there are new ones, only these are looked at."""
    by_bucket = {
        bucket: [end for end in ends if end.person.quirk == kind and end.account["bucket"] == bucket]
        for bucket in ("created", "updated")
    }
    new = by_bucket["created"] or by_bucket["updated"]
    assert new
    assert [(end.person, end.lead, end.told) for end in new if not ENDS[kind](end)] == []


def test_a_persons_company_that_the_account_overrides_is_counted(moved: Move) -> None:
    _, report = moved
    assert {"company"} <= {one["field"] for one in report["company_values"] if one["values"]}


def test_fields_without_a_place_on_the_target_are_left_with_their_reason(moved: Move) -> None:
    rig, report = moved
    assert rig.accounts(report)[("field", "person/message")]["detail"] == "no counterpart on the target"


ADDRESSES: dict[str, Callable[[str], tuple[str, str]]] = {
    "plus": lambda typed: ("", typed),
    "zero_width": lambda typed: ("", typed.replace("\u200b", "")),
    "unicode_host": lambda typed: ("", typed.replace("計測の友.example", "xn--u9j977h18rcpz.example")),
    "full_width": lambda typed: ("address_not_ascii", ""),
    "letters": lambda typed: ("address_not_ascii", ""),
    "two_in_one": lambda typed: ("address_unusable", ""),
    "too_long": lambda typed: ("address_unusable" if len(typed) > 320 else "address_too_long", ""),
    "no_at": lambda typed: ("address_unusable", ""),
}


def kind_of(typed: str) -> str:
    """Which kind of odd address this is; empty for a usual one."""
    local = typed.rpartition("@")[0]
    ways = {
        "no_at": "@" not in typed,
        "two_in_one": ";" in typed,
        "too_long": len(typed) > 250,
        "zero_width": "\u200b" in typed,
        "unicode_host": typed.endswith("計測の友.example") and local.isascii(),
        "full_width": any("\uff01" <= sign <= "\uff5e" for sign in local),
        "letters": not local.isascii(),
        "plus": "+" in local,
    }
    return next((kind for kind, is_it in ways.items() if is_it), "")


@pytest.mark.parametrize("kind", ADDRESSES)
def test_an_odd_address_lands_as_one_that_works_or_parks_its_person(ends: list[End], kind: str) -> None:
    odd = [end for end in ends if end.person.address and kind_of(end.person.address) == kind]
    odd = [
        end
        for end in odd
        if end.account["bucket"] in ("created", "parked") and end.account["reason"] != "doubtful_address"
    ]
    assert odd
    for end in odd:
        typed = (end.person.address or "").lower()
        why, lands = ADDRESSES[kind](typed)
        if any(
            code == "spelling_of_twin" for code, _, _ in end.told
        ):  # A duplicate spells it in letters that can be held.
            why, lands = "", unicodedata.normalize("NFKC", typed)
        assert end.parked == (why, {("email", typed[:200])} if why else set())
        assert (end.lead or {}).get("email", "").lower() == lands


def test_people_without_an_address_land_and_get_no_mail(ends: list[End]) -> None:
    without = [end for end in ends if end.person.address is None and end.person.archived is None]
    assert without
    assert [end for end in without if end.lead is None or end.lead.get("email") or mailable(end.lead)] == []


def test_equal_addresses_become_one_and_similar_people_stay_two(ends: list[End]) -> None:
    by_role = {role: [end for end in ends if end.person.role == role] for role in ("twin_second", "fuzzy_second")}
    assert all(by_role.values())
    assert {end.account["bucket"] for end in by_role["twin_second"]} <= {"merged", "created", "updated", "parked"}
    assert {end.account["bucket"] for end in by_role["fuzzy_second"]} <= {"created", "updated"}
    merged = [end for end in ends if end.account["bucket"] == "merged"]
    winners = {names.contact_id(end.person.number): end for end in ends}
    assert merged and all(winners[end.account["detail"]].lead is not None for end in merged)


def test_addresses_equal_only_by_folding_are_parked_with_their_addresses(ends: list[End]) -> None:
    folded = [end for end in ends if end.account["reason"] == "doubtful_address"]
    assert len(folded) == 2
    assert all(end.parked[1] == {("email", (end.person.address or "").lower())} for end in folded)


def test_archived_records_stay_behind(ends: list[End]) -> None:
    archived = [end for end in ends if end.person.archived is not None]
    assert archived
    assert {(end.account["bucket"], end.account["reason"], end.lead is None) for end in archived} == {
        ("left", "archived", True)
    }
