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


def test_a_field_that_holds_people_is_named_as_its_platform_shows_it(loaded: Facts, book: Phrasebook) -> None:
    held = {"cause": "held_by_field", "field": "hs_status", "label": "Marketing contact status", "people": 4}
    loaded["reach"]["kept"] = [held, {**held, "label": ""}]
    told = [(phrase.in_("en"), n) for phrase, n in adding_up.kept(loaded, book)]
    assert told == [("Held by Marketing contact status (hs_status)", 4), ("Held by hs_status", 4)]


def test_parked_people_and_their_records_are_told_apart(loaded: Facts, book: Phrasebook) -> None:
    loaded["reach"]["kept"] = [{"cause": "parked", "field": "", "people": 3}]
    phrase = adding_up.parked_words(loaded, book)
    assert phrase is not None
    assert "each once (3), and in the accounts all their records (5)" in phrase.in_("en")
    loaded["reach"]["kept"][0]["people"] = 5
    assert adding_up.parked_words(loaded, book) is None
    del loaded["accounts"]
    assert adding_up.parked(loaded) == 5
