"""Terms of a law that end after a move: scenarios 25 and 26 of the consent design, as whole moves that ``sync`` keeps in step."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from in_step import fates, left, sync
from mamigrate import clock
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import FieldDef, OptOut, Yes
from pair import Pair, Said, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

NOW = datetime(2026, 1, 10, 9, tzinfo=UTC)
BASIS = 'field = "how"\nvalues = ["{0}"]\nbasis = "{0}"\ndated_by = "met"'


@pytest.fixture
def hand() -> Iterator[clock.HandClock]:
    made = clock.HandClock(NOW)
    with clock.standing(made):
        yield made


@pytest.fixture
def canada(pair: Pair, hand: clock.HandClock) -> Pair:
    """A project under the law of Canada, which knows purchases and inquiries with their dates."""
    for side in (pair.source, pair.target):
        side.field(Kind.PERSON, FieldDef(name="country", meaning="country"))
    for name in ("how", "met"):
        pair.source.field(Kind.PERSON, FieldDef(name=name))
    pair.source.topic("news")
    pair.source.topic("events")
    rules = "\n\n[[consent.basis]]\n".join(BASIS.format(how) for how in ("purchase", "inquiry"))
    pair.toml["consent"] = 'packs = ["casl"]\nsigned = "Ana Ito, 2026-01-09"'
    pair.toml["[consent.basis]"] = rules
    return pair


def person(pair: Pair, name: str, how: str, months_ago: int, country: str = "Canada") -> str:
    met = NOW - timedelta(days=30.4 * months_ago)
    one = pair.source.person(f"{name}@x.example", country=country, how=how, met=f"{met:%Y-%m-%d}")
    return one.id


def open_people(pair: Pair) -> set[str]:
    return {one.values["email"].partition("@")[0] for one in pair.target.people.values() if mailable(one)}


def codes(said: Said) -> set[str]:
    return {one["code"] for one in said.report["findings"]}


def go(said: Said) -> dict[str, bool]:
    return {side["side"]: side["go"] for side in said.report["sides"]}


def test_25_a_purchase_of_23_months_ago_permits_at_the_move_and_is_denied_when_its_term_ends(
    canada: Pair, hand: clock.HandClock
) -> None:
    person(canada, "bought", "purchase", 23)
    person(canada, "later", "purchase", 2)
    person(canada, "abroad", "purchase", 23, country="Brazil")
    canada.moved()
    assert open_people(canada) == {"bought", "later", "abroad"}
    hand.advance(60)
    assert fates(sync(canada), 0) == {}
    hand.advance(60 * 86_400)
    said = sync(canada)
    assert (fates(said, 0), go(said)) == ({"carried": 1}, {"new": True, "old": True})
    assert open_people(canada) == {"later", "abroad"}
    assert canada.landed("bought@x.example").values["held"] == "true"


def test_26_an_inquiry_permits_for_six_months_at_the_move_and_after_it(canada: Pair, hand: clock.HandClock) -> None:
    person(canada, "old", "inquiry", 7)
    person(canada, "fresh", "inquiry", 5)
    canada.moved()
    assert open_people(canada) == {"fresh"}
    hand.advance(40 * 86_400)
    said = sync(canada)
    assert (fates(said, 0), open_people(canada)) == ({"carried": 1}, set())


def test_what_a_law_closed_is_no_news_to_the_source_and_is_written_once(canada: Pair, hand: clock.HandClock) -> None:
    canada.source.person("bought@x.example", country="Canada", how="purchase", met="2024-01-11")
    canada.moved()
    hand.advance(2 * 3600)
    (told,) = sync(canada).report["ways"][0]["denials"]
    # That day began somewhere at ten in the morning of the day before, by UTC.
    assert (told["kind"], told["happened_at"]) == ("no_basis", "2026-01-10T10:00:00+00:00")
    before = canada.writes()
    for minutes in (5, 30):
        hand.advance(minutes * 60)
        sync(canada)
    assert (canada.writes(), left(canada)) == (before, set())
    hand.advance(60)
    assert canada.moved().report["consent"] == "PASS"
    assert open_people(canada) == set()


def test_another_basis_goes_on_for_its_topic_alone(canada: Pair, hand: clock.HandClock) -> None:
    id = person(canada, "bought", "purchase", 23)
    canada.source.yeses.append(Yes(address="bought@x.example", person=id, topic="news", at=NOW - timedelta(days=900)))
    canada.moved()
    hand.advance(60 * 86_400)
    assert fates(sync(canada), 0) == {"carried": 1}
    landed = canada.landed("bought@x.example")
    assert mailable(landed)
    assert {topic for topic in ("news", "events") if landed.values.get(f"mmNoTopic{topic}") == "true"} == {"events"}


def test_what_cannot_be_written_yet_waits_and_nobody_may_send(canada: Pair, hand: clock.HandClock) -> None:
    person(canada, "bought", "purchase", 23)
    person(canada, "also", "purchase", 23)
    canada.moved()
    hand.advance(60 * 86_400)
    said = sync(canada, "--most", "1", code=3)
    assert (fates(said, 0), go(said)["new"]) == ({"carried": 1, "waiting": 1}, False)
    hand.advance(3 * 3600)
    said = sync(canada)
    assert (fates(said, 0)["carried"], open_people(canada)) == (1, set())


def test_a_preview_says_what_would_be_denied(canada: Pair, hand: clock.HandClock) -> None:
    person(canada, "bought", "purchase", 23)
    canada.moved()
    hand.advance(60 * 86_400)
    before = canada.writes()
    said = sync(canada, "--dry-run", code=3)
    assert (fates(said, 0), canada.writes(), open_people(canada)) == ({"waiting": 1}, before, {"bought"})


@pytest.mark.parametrize("law", [True, False])
def test_where_nobody_knows_what_was_granted_nobody_may_send_under_a_law_with_terms(
    canada: Pair, hand: clock.HandClock, law: bool
) -> None:
    if not law:
        del canada.toml["consent"], canada.toml["[consent.basis]"]
    person(canada, "bought", "purchase", 23)
    canada.moved()
    shutil.rmtree(canada.folder / ".mamigrate" / "snapshots")
    hand.advance(60)
    canada.source.opt_outs.append(OptOut(address="bought@x.example", at=clock.now()))
    said = sync(canada, code=3 if law else 0)
    assert ("late_terms_unread" in codes(said), go(said)["new"]) == (law, not law)
    assert open_people(canada) == set(), "denials that were read are carried all the same"
