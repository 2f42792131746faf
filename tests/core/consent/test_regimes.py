"""Packs of law over the fold: they only ever lower, each by its own rules."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn import CELL, CELLS, NEEDS, NOW, SETS, TREES
from mamigrate.consent.fold import Cell, Fact, Rules, judge
from mamigrate.consent.kinds import Grant
from mamigrate.consent.regimes.choice import Regime
from mamigrate.consent.regimes.pack import Pack, Quiet, packs
from mamigrate.consent.regimes.permit import months_after, permitted
from mamigrate.consent.scope import Scope

ALL = packs()
NEWS = Cell(frozenset({"p"}), "a@x.example", "a@x.example", Scope(topic="news"))


def grant(kind: str, lo: datetime | None, basis: str = "", **more: object) -> Fact:
    blank = {
        "person": "p",
        "strict": NEWS.strict,
        "loose": NEWS.loose,
        "scope": Scope(topic="news"),
        "lo": lo,
        "hi": lo,
        "proof": 2,
    }
    return Fact("yes", kind, "address", **{"basis": basis, **blank, **more})  # type: ignore[arg-type]  # a test's blanks


def lets(name: str, facts: Iterable[Fact], at: datetime = NOW, cell: Cell = NEWS) -> bool:
    return permitted([ALL[name]], facts, cell, at).allowed


def test_every_pack_names_its_law_its_review_and_its_countries() -> None:
    assert set(ALL) == {"gdpr", "germany", "can_spam", "casl", "japan", "korea"}
    for pack in ALL.values():
        assert pack.law
        assert pack.reviewed
        assert pack.countries


# --- which packs bind ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "names"),
    [
        ("JP", ["japan"]), ("日本", ["japan"]), (" ｊａｐａｎ ", ["japan"]), ("Deutschland", ["gdpr", "germany"]), ("U.S.A.", ["can_spam"]),
        ("Korea, Republic of", ["korea"]), ("대한민국", ["korea"]), ("CANADA", ["casl"]), ("Brazil", ["gdpr"]), ("", ["gdpr"]),
        (None, ["gdpr"]),
    ],
)  # fmt: skip
def test_a_country_is_known_however_it_is_written_and_an_unknown_one_takes_the_default(
    country: str | None, names: list[str]
) -> None:
    regime = Regime(tuple(ALL.values()), ALL["gdpr"])
    assert [pack.name for pack in regime.of(country)] == names


def test_without_a_default_an_unknown_country_is_left_to_the_source() -> None:
    assert Regime((ALL["japan"],)).of("Brazil") == ()
    assert dict(Regime((ALL["japan"],), ALL["casl"]).bound([None, "JP", "JP"])) == {"": "casl", "JP": "japan"}


def test_all_packs_of_a_country_bind_together() -> None:
    own = ALL["gdpr"].model_copy(update={"name": "double", "need": {"*": Grant.CONFIRMED}, "soft": {}})
    bound = Regime((ALL["gdpr"], own)).of("DE")
    express, confirmed = grant("grant", NOW, proof=3), grant("grant", NOW, proof=4)
    assert permitted(bound, [express], NEWS, NOW).against == ("double",)
    assert permitted(bound, [confirmed], NEWS, NOW).allowed


# --- what each asks for ---------------------------------------------------------------------------------------------------


def test_germany_asks_for_a_double_opt_in_or_an_own_customer() -> None:
    assert not lets("germany", [grant("grant", NOW, proof=3)])
    assert lets("germany", [grant("grant", NOW, proof=4)])
    assert lets("germany", [grant("implied_grant", NOW, "own_customer", proof=1)])
    assert not lets("germany", [grant("implied_grant", NOW, "own_customer", proof=0)])


@pytest.mark.parametrize("name", ["gdpr", "casl", "japan", "korea"])
def test_a_flag_that_nobody_vouches_for_is_no_consent(name: str) -> None:
    assert not lets(name, [grant("grant", NOW - timedelta(1), proof=0)])
    assert lets(name, [grant("grant", NOW - timedelta(1), proof=1)])
    assert lets("can_spam", [grant("grant", NOW - timedelta(1), proof=0)])


def test_to_a_pack_a_denial_is_ended_by_nothing_less_than_it_counts() -> None:
    """A double opt-in of before the opt-out is over, and the return after it was none."""
    left = NEWS.scope._replace(topic="*")
    objection = Fact(
        "no", "objection", "address", "p", NEWS.strict, NEWS.loose, left, NOW - timedelta(5), NOW - timedelta(5)
    )
    double = grant("grant", NOW - timedelta(9), proof=4)._replace(key="double")
    back = grant("grant", NOW - timedelta(1), proof=2)._replace(key="back")
    found = permitted([ALL["gdpr"], ALL["germany"]], [objection, double, back], NEWS, NOW)
    assert (found.judgement.allowed, found.against) == (True, ("germany",))
    assert lets("germany", [objection, double, back._replace(proof=4)])


@pytest.mark.parametrize("name", ["gdpr", "casl", "japan", "korea"])
def test_no_opt_out_is_no_consent(name: str) -> None:
    assert not lets(name, [])
    assert lets("can_spam", [])
    assert lets(name, [grant("grant", NOW - timedelta(1))])


@pytest.mark.parametrize("name", sorted(ALL))
def test_mail_that_a_contract_needs_is_no_pack_s_business(name: str) -> None:
    service = NEWS.scope._replace(asset_class="SVC")
    assert lets(name, [], cell=Cell(NEWS.persons, NEWS.strict, NEWS.loose, service))


@pytest.mark.parametrize(
    ("name", "basis", "lasts"),
    [
        ("casl", "purchase", 24), ("casl", "inquiry", 6), ("casl", "published", None), ("casl", "card", 0), ("japan", "card", None),
        ("japan", "purchase", 0), ("gdpr", "own_customer", None), ("gdpr", "", 0), ("korea", "dealings", 6), ("korea", "card", 0),
    ],
)  # fmt: skip
def test_a_basis_counts_where_the_law_knows_it_and_as_long_as_it_says(name: str, basis: str, lasts: int | None) -> None:
    event = datetime(2024, 3, 31, tzinfo=UTC)
    implied = grant("implied_grant", event, basis)
    end = months_after(event, 1200 if lasts is None else lasts)
    assert not lets(name, [implied], end) or lasts is None
    assert lets(name, [implied], end - timedelta(seconds=1)) is (lasts != 0)


@pytest.mark.parametrize("name", ["gdpr", "casl", "japan", "korea"])
def test_one_to_one_sales_mail_is_marketing_to_the_law(name: str) -> None:
    sales = Cell(NEWS.persons, NEWS.strict, NEWS.loose, NEWS.scope._replace(asset_class="SLS"))
    assert not lets(name, [], cell=sales)


def test_what_a_pack_takes_for_a_grant_is_none_where_the_topic_asks_for_more() -> None:
    """The express grant is too old for the pack, and what is left is less than the topic wants."""
    express, dealings = grant("grant", months_after(NOW, -25)), grant("implied_grant", NOW - timedelta(9), "dealings")
    facts = [express, dealings._replace(key="dealings")]
    assert permitted([ALL["korea"]], facts, NEWS, NOW).allowed
    assert permitted([ALL["korea"]], facts, NEWS, NOW, Rules(need=Grant.EXPRESS)).against == ("korea",)


def test_a_basis_with_a_term_and_without_a_date_is_none() -> None:
    assert not lets("casl", [grant("implied_grant", None, "purchase")])
    assert lets("japan", [grant("implied_grant", None, "card")])


def test_a_term_runs_from_the_earliest_date_that_the_event_may_have_had() -> None:
    sometime = grant(
        "implied_grant", datetime(2024, 1, 1, tzinfo=UTC), "purchase", hi=datetime(2024, 12, 1, tzinfo=UTC)
    )
    assert not lets("casl", [sometime], datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("months", "open_now"), [(1, True), (23, True), (24, False), (25, False)])
def test_27_korean_consent_lasts_two_years_unless_it_is_confirmed_again(months: int, open_now: bool) -> None:
    given_at = months_after(NOW, -months)
    assert lets("korea", [grant("grant", given_at)]) is open_now
    again = grant("reconfirmed", NOW - timedelta(days=30))._replace(key="again")
    assert lets("korea", [grant("grant", given_at), again])
    assert lets("korea", [grant("grant", None)]) is False


@pytest.mark.parametrize(
    ("channel", "utc_hour", "open_now"),
    [
        ("push", 12, False),
        ("push", 11, True),
        ("push", 22, False),
        ("push", 23, True),
        ("email", 13, True),
        ("sms", 13, False),
    ],
)
def test_28_korean_nights_are_quiet_without_a_consent_of_their_own(channel: str, utc_hour: int, open_now: bool) -> None:
    at = NOW.replace(hour=utc_hour)
    scope = Scope(channel, topic="news")
    cell = Cell(NEWS.persons, NEWS.strict, NEWS.loose, scope)
    day = grant("grant", NOW - timedelta(9), scope=scope)
    assert lets("korea", [day], at, cell) is open_now
    assert lets("korea", [day, day._replace(key="night", basis="night")], at, cell)


@pytest.mark.parametrize(("hour", "rests"), [(8, False), (9, True), (16, True), (17, False)])
def test_quiet_hours_may_lie_within_a_day(hour: int, rests: bool) -> None:
    quiet = Quiet(channels=("sms",), begins=time(9), ends=time(17), zone="UTC", unless="day")
    assert quiet.holds(NOW.replace(hour=hour)) is rests


@pytest.mark.parametrize(
    ("moment", "months", "then"),
    [((2024, 1, 31), 1, (2024, 2, 29)), ((2023, 12, 15), 24, (2025, 12, 15)), ((2024, 2, 29), 12, (2025, 2, 28)), ((2024, 3, 1), -1, (2024, 2, 1))],
)  # fmt: skip
def test_months_are_those_of_the_calendar(
    moment: tuple[int, int, int], months: int, then: tuple[int, int, int]
) -> None:
    assert months_after(datetime(*moment, tzinfo=UTC), months) == datetime(*then, tzinfo=UTC)


# --- laws -------------------------------------------------------------------------------------------------------------------

BASES = st.sampled_from(["", "purchase", "card", "dealings", "own_customer", "night", "published"])
WITH_BASES = st.builds(
    lambda facts, bases: [fact._replace(basis=basis) for fact, basis in zip(facts, bases, strict=False)],
    SETS,
    st.lists(BASES, min_size=5, max_size=5),
)
CHOSEN = st.lists(st.sampled_from(list(ALL.values())), max_size=3, unique_by=lambda pack: pack.name)


@given(WITH_BASES, CELLS, NEEDS, CHOSEN)
def test_a_pack_only_ever_lowers(facts: list[Fact], cell: Cell, need: Grant, chosen: list[Pack]) -> None:
    rules = Rules(TREES, need)
    found = permitted(chosen, facts, cell, NOW, rules)
    assert found.allowed <= judge(facts, cell, NOW, rules).allowed
    for pack in chosen:
        assert found.allowed <= permitted([pack], facts, cell, NOW, rules).allowed


@given(WITH_BASES, CHOSEN, st.integers(0, 40))
def test_with_no_new_facts_time_never_opens_what_was_closed(facts: list[Fact], chosen: list[Pack], days: int) -> None:
    still = [f._replace(until=None, lo=None if f.lo is None else min(f.lo, NOW)) for f in facts]
    rules = Rules(TREES)
    later = permitted(chosen, still, CELL, NOW + timedelta(days), rules).allowed
    assert later <= permitted(chosen, still, CELL, NOW, rules).allowed


def test_a_pack_that_says_anything_else_is_of_another_version() -> None:
    japan = packs()["japan"]
    assert japan.version == packs()["japan"].model_copy().version
    assert japan.version != japan.model_copy(update={"soft": {"card": 24}}).version
