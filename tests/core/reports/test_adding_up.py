"""Numbers of a page that differ are brought together in a sentence."""

from typing import Any

import pytest

from mamigrate.reports import adding_up
from mamigrate.reports.messages import Messages
from mamigrate.reports.phrases import Phrase, Phrasebook

Facts = dict[str, Any]


@pytest.fixture
def book() -> Phrasebook:
    return Phrasebook(Messages.of())


def said(phrases: Any) -> list[str]:
    found: list[Phrase] = list(phrases)
    return [one.in_("en") for one in found]


def test_a_census_that_adds_up_says_how(loaded: Facts, book: Phrasebook) -> None:
    first = said(adding_up.census(loaded, book))[0]
    told = "merged 20, left behind 10, parked 5, refused 0 and not read back 0 that is everybody who was read: 1,335"
    assert told in first


def test_parked_people_who_stood_there_before_are_not_counted_twice(loaded: Facts, book: Phrasebook) -> None:
    loaded["census"]["denied_not_mailable"] += 2
    first = said(adding_up.census(loaded, book))[0]
    assert first.startswith("The table counts 1,302 people: those of the 1,335")


def test_who_is_not_on_the_target_is_told_in_people_and_addresses(loaded: Facts, book: Phrasebook) -> None:
    last = said(adding_up.census(loaded, book))[-1]
    assert "(9): people 3, each once, with all their parked or refused records (5); denied addresses 6" in last


def test_facts_from_files_are_told_beside_those_of_the_source(loaded: Facts, book: Phrasebook) -> None:
    loaded["read"]["consent_fact"] = 40
    loaded["accounts"]["consent_fact"] = {"read": 49, "buckets": {"created": 49}, "closed": True}
    assert said(adding_up.consent_facts(loaded, book)) == [
        "Consent records accounted for: 49. Read from Old Platform: 40; from files of facts: 9."
    ]
    loaded["read"]["consent_fact"] = 49
    assert said(adding_up.consent_facts(loaded, book)) == []


def test_added_people_are_told_apart_from_denied_addresses(loaded: Facts, book: Phrasebook) -> None:
    assert said(adding_up.added(loaded, book))[0].startswith("Of these, people of the source: 1,200; denied addresses")
