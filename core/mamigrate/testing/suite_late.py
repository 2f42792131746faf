"""Cases about denials after a move: told where they stand, as often as they are asked for; taken, and never lifted."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from mamigrate.capabilities import Power
from mamigrate.consent.address import loose
from mamigrate.consent.facts import LISTED
from mamigrate.contract import (
    EVERYTHING,
    Denial,
    DenialSink,
    DenialSource,
    ExclusionSource,
    Instance,
    NeutralRow,
    Status,
)
from mamigrate.model.kinds import Kind
from mamigrate.testing.cases import each, with_protocol
from mamigrate.testing.suite_base import MOST_PAGES, Cases, told

FACTS = (Kind.CONSENT_FACT,)
A_WHILE = timedelta(days=10)
"""Further back than anybody pauses, and inside what vendors keep."""
NOBODY = "nobody-{}@kit.example"


class LateCases(Cases):
    """For READ_CHANGES and DENY rows of consent facts. ``leave``, ``topic`` and ``lose_denial`` come from the author."""

    @each(Power.READ_CHANGES, of=FACTS)
    def test_whoever_left_is_told_since_then_and_again(
        self, instance: Instance, leave: Callable[[int], str], number: Iterator[int], kind: Kind
    ) -> None:
        before = _until(instance) - timedelta(minutes=1)
        left = loose(leave(next(number)))
        first, again = _since(instance, before), _since(instance, before)
        assert left in {fact["address_loose"] for fact in first}
        assert {fact["key"] for fact in first} <= {fact["key"] for fact in again}

    @each(Power.READ_CHANGES, of=FACTS)
    def test_what_is_told_denies_and_ends_with_what_says_so(self, instance: Instance, kind: Kind) -> None:
        facts = _since(instance, _until(instance) - A_WHILE)
        assert [fact for fact in facts if fact["polarity"] != "-" or not fact["source_ref"].rpartition("/")[2]] == []
        assert [fact for fact in facts if not fact["source_ref"].startswith(f"{instance.connection.name}/")] == []

    @each(Power.READ_CHANGES, of=FACTS)
    def test_reading_tells_until_when_and_that_is_not_the_future(self, instance: Instance, kind: Kind) -> None:
        first, second = _until(instance), _until(instance)
        assert first.tzinfo is not None
        assert first <= second

    @with_protocol(ExclusionSource)
    def test_who_is_left_out_by_a_list_is_told_with_the_list(self, instance: Instance) -> None:
        assert isinstance(instance, ExclusionSource)
        cursor, facts = None, list[NeutralRow]()
        for _ in range(MOST_PAGES):
            page = instance.left_out_since(datetime(2090, 1, 1, tzinfo=UTC), cursor, frozenset())
            assert page.until.tzinfo is not None
            facts += page.facts
            cursor = page.next
            if cursor is None:
                break
        assert cursor is None, "reading lists has no end"
        assert {(one["kind"], one["polarity"], one["holder"]) for one in facts} <= {("source_hold", "-", "person")}
        assert [one for one in facts if not one["source_ref"].rpartition("/")[2].startswith(LISTED)] == []

    @each(Power.DENY, of=FACTS)
    def test_an_address_that_nobody_has_is_denied_everything(
        self, instance: Instance, number: Iterator[int], kind: Kind
    ) -> None:
        sink, denial = _sink(instance), Denial(NOBODY.format(next(number)), EVERYTHING, "mamigrate: objection")
        assert told(sink.deny([denial])) == [(denial.key, Status.UPDATED)]
        assert EVERYTHING in sink.denied([denial.address])[denial.address]

    @each(Power.DENY, of=FACTS)
    def test_an_address_is_denied_one_topic_and_no_other(
        self, instance: Instance, topic: str, number: Iterator[int], kind: Kind
    ) -> None:
        sink, denial = _sink(instance), Denial(NOBODY.format(next(number)), topic, "mamigrate: topic opt out")
        assert told(sink.deny([denial])) == [(denial.key, Status.UPDATED)]
        assert sink.denied([denial.address])[denial.address] == {topic}

    @each(Power.DENY, of=FACTS)
    def test_to_deny_twice_is_no_trouble_and_lifts_nothing(
        self, instance: Instance, topic: str, number: Iterator[int], kind: Kind
    ) -> None:
        sink, address = _sink(instance), NOBODY.format(next(number))
        whole, part = Denial(address, EVERYTHING), Denial(address, topic)
        assert [one.status for one in (*sink.deny([whole]), *sink.deny([whole]))] == [Status.UPDATED] * 2
        (after,) = sink.deny([part])
        assert after.status is Status.UPDATED
        assert EVERYTHING in sink.denied([address])[address]

    @each(Power.DENY, of=FACTS)
    def test_many_denials_give_one_outcome_each_in_order(
        self, instance: Instance, topic: str, number: Iterator[int], kind: Kind
    ) -> None:
        sink, addresses = _sink(instance), [NOBODY.format(next(number)) for _ in range(7)]
        asked = [Denial(one, topic if at % 2 else EVERYTHING) for at, one in enumerate(addresses)]
        assert told(sink.deny(asked)) == [(one.key, Status.UPDATED) for one in asked]
        there = sink.denied(addresses)
        assert [one.key for one in asked if one.topic not in there[one.address]] == []
        assert list(sink.deny([])) == []
        assert sink.denied([]) == {}

    @each(Power.DENY, of=FACTS)
    def test_a_denial_whose_reply_is_lost_is_maybe_and_shows_when_asked(
        self, instance: Instance, lose_denial: Callable[[], None], number: Iterator[int], kind: Kind
    ) -> None:
        sink, denial = _sink(instance), Denial(NOBODY.format(next(number)), EVERYTHING)
        sink.denied([denial.address])  # whatever must be asked for first is known now
        lose_denial()
        assert told(sink.deny([denial])) == [(denial.key, Status.MAYBE)]
        assert EVERYTHING in sink.denied([denial.address])[denial.address]


def _sink(instance: Instance) -> DenialSink:
    assert isinstance(instance, DenialSink), "a DENY row says that denials are taken: keep DenialSink"
    return instance


def _pages(instance: Instance, moment: datetime) -> Iterator[tuple[list[NeutralRow], datetime]]:
    assert isinstance(instance, DenialSource), "a READ_CHANGES row of consent facts: keep DenialSource"
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = instance.denials_since(moment, cursor, {})
        assert not page.problems, page.problems
        yield list(page.facts), page.until
        assert page.next != cursor or cursor is None, "the cursor does not move"
        cursor = page.next
        if cursor is None:
            return
    raise AssertionError("reading denials has no end")


def _since(instance: Instance, moment: datetime) -> list[NeutralRow]:
    return [fact for facts, _ in _pages(instance, moment) for fact in facts]


def _until(instance: Instance) -> datetime:
    far = datetime(2090, 1, 1, tzinfo=UTC)
    return min(until for _, until in _pages(instance, far))
