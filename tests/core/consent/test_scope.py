"""What a fact covers: what lies below it, and more rather than less where nobody knows the word."""

from datetime import UTC, datetime

import pytest

from mamigrate.consent.fold import Cell, Fact, judge
from mamigrate.consent.kinds import Grant
from mamigrate.consent.lattice import Permission, allows
from mamigrate.consent.scope import CLASSES, Scope, Trees

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TREES = Trees(brands={"north": "group"}, topics={"news": "all_news"})
NEWS = Scope("email", "north", "news", "MKT")


def test_every_class_of_mail_holds_every_class_of_mail() -> None:
    every = NEWS._replace(asset_class="*")
    assert TREES.covers(every, every)
    assert not TREES.covers(NEWS, every)


@pytest.mark.parametrize(
    ("change", "covered"),
    [
        ({}, True),
        ({"channel": "*"}, True),
        ({"channel": "sms"}, False),
        ({"brand": "group"}, True),
        ({"brand": "*"}, True),
        ({"brand": "south"}, False),
        ({"topic": "all_news"}, True),
        ({"topic": "*"}, True),
        ({"topic": "events"}, False),
        ({"asset_class": "*"}, True),
        ({"asset_class": "SVC"}, False),
        ({"asset_class": "from the future"}, True),
    ],
)
def test_a_denial_covers_what_lies_below_it(change: dict[str, str], covered: bool) -> None:
    assert TREES.covers(NEWS._replace(**change), NEWS) is covered


@pytest.mark.parametrize("change", [{"brand": "group"}, {"topic": "all_news"}, {"channel": "*"}])
def test_nothing_covers_what_lies_above_it(change: dict[str, str]) -> None:
    assert not TREES.covers(NEWS, NEWS._replace(**change))


def test_leaving_marketing_leaves_sales_mail_and_a_yes_to_it_is_none_to_that() -> None:
    sales = NEWS._replace(asset_class="SLS")
    assert TREES.covers(NEWS, sales)
    assert not TREES.permits(NEWS, sales)
    assert TREES.permits(NEWS._replace(asset_class="*"), sales)


@pytest.mark.parametrize("asset_class", sorted(CLASSES["*"]))
def test_a_denial_of_a_class_that_nobody_knows_is_one_of_every_class(asset_class: str) -> None:
    odd = Fact("no", "objection", "person", "p", scope=Scope(asset_class="from the future"))
    said = judge([odd], Cell(frozenset({"p"}), None, None, Scope(asset_class=asset_class)), NOW)
    assert (said.allowed, said.permission.denied) == (False, CLASSES["*"])


def test_a_denial_that_names_no_address_is_not_one_of_everybody_without_an_address() -> None:
    nobodys = Fact("no", "objection", "address")
    assert judge([nobodys], Cell(frozenset({"p"}), None, None, Scope()), NOW).allowed


def test_nothing_is_sent_where_nothing_is_delivered() -> None:
    dead = Permission(grant=Grant.CONFIRMED, deliverable=False)
    assert not any(allows(dead, kind, Grant.NONE, NOW) for kind in CLASSES["*"])


def test_a_grant_is_over_at_the_instant_of_its_end() -> None:
    ending = Permission(grant=Grant.EXPRESS, until=NOW)
    assert not allows(ending, "MKT", Grant.EXPRESS, NOW)
    assert allows(ending, "MKT", Grant.NONE, NOW)
