"""Laws of permission that hold for every set of facts: what raises, what reaches, what a merge is."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import assume, example, given
from hypothesis import strategies as st

from drawn import CELL, CELLS, NEAR, NEEDS, NOW, SETS, TREES, facts, near, returns
from mamigrate.consent.address import keys
from mamigrate.consent.fold import Cell, Fact, Judgement, Rules, judge
from mamigrate.consent.kinds import KINDS, Grant
from mamigrate.consent.scope import Scope

RULES = Rules(TREES)
SUBJECT_ONLY = ("objection", "topic_opt_out", "refused")


def of(held: list[Fact], cell: Cell = CELL, need: Grant = Grant.NONE) -> Judgement:
    return judge(held, cell, NOW, replace(RULES, need=need))


def denial(fact: Fact) -> bool:
    return KINDS[fact.kind].polarity == "-"


def proven_return(fact: Fact) -> bool:
    """By the person, as an event that is proven and dated."""
    mine = fact.kind in ("grant", "reconfirmed") and fact.actor == "subject"
    return mine and fact.proof >= 2 and fact.lo is not None


# --- what raises -------------------------------------------------------------------------------------------------------


@given(SETS, facts().filter(denial), CELLS, NEEDS)
def test_a_denial_never_raises(held: list[Fact], more: Fact, cell: Cell, need: Grant) -> None:
    assert of([*held, more], cell, need).permission <= of(held, cell, need).permission
    assert of([*held, more], cell, need).allowed <= of(held, cell, need).allowed


@given(NEAR, facts().map(near).filter(lambda fact: not proven_return(fact)), CELLS)
def test_nothing_but_a_proven_return_takes_a_denial_away(held: list[Fact], more: Fact, cell: Cell) -> None:
    before, after = of(held, cell), of([*held, more], cell)
    assert set(before.denials) <= set(after.denials)
    assert after.allowed <= before.allowed


@given(NEAR, returns())
def test_a_return_takes_away_exactly_what_it_may_and_what_certainly_came_before(held: list[Fact], more: Fact) -> None:
    gone = set(of(held).denials) - set(of([*held, more]).denials)
    may = {fact.key for fact in held if fact.kind in SUBJECT_ONLY and fact.hi is not None and fact.hi < more.lo}  # type: ignore[operator]  # a return is dated
    assert gone == may & set(of(held).denials)


@given(NEAR, NEAR, CELLS)
def test_a_denial_without_a_known_end_is_never_taken_away_by_the_person(
    held: list[Fact], more: list[Fact], cell: Cell
) -> None:
    lasting = [fact._replace(hi=None, until=None) for fact in held if denial(fact)]
    others = [fact._replace(key=f"more/{fact.key}") for fact in more]  # a key names one fact
    found = set(of([*lasting, *others], cell).denials)
    assert set(of(lasting, cell).denials) <= found


@given(SETS, CELLS)
def test_a_stricter_need_never_allows_more(held: list[Fact], cell: Cell) -> None:
    said = [of(held, cell, need).allowed for need in (Grant.NONE, Grant.IMPLIED, Grant.EXPRESS, Grant.CONFIRMED)]
    assert said == sorted(said, reverse=True)


@given(SETS, CELLS, NEEDS)
def test_removing_a_grant_never_raises(held: list[Fact], cell: Cell, need: Grant) -> None:
    for gone in (fact for fact in held if KINDS[fact.kind].polarity == "+"):
        assert of([fact for fact in held if fact is not gone], cell, need).allowed <= of(held, cell, need).allowed


# --- a merge is the union of facts ---------------------------------------------------------------------------------------


@given(SETS, SETS, SETS, CELLS)
def test_merging_is_associative_commutative_and_idempotent(
    a: list[Fact], b: list[Fact], c: list[Fact], cell: Cell
) -> None:
    assert of(a + (b + c), cell) == of((a + b) + c, cell) == of(c + b + a, cell)
    assert of(a + b + a, cell) == of(a + b, cell)


ALONE = [replace(CELL, persons=frozenset({one})) for one in ("p1", "p1-old", "p2")]


@given(SETS, st.sampled_from(ALONE), st.sampled_from(ALONE))
def test_one_person_of_two_records_is_at_most_as_permissive_as_each_unless_one_returned(
    held: list[Fact], one: Cell, other: Cell
) -> None:
    assume(not any(proven_return(fact) for fact in held))
    merged = of(held, replace(one, persons=one.persons | other.persons))
    assert set(merged.denials) == {*of(held, one).denials, *of(held, other).denials}
    assert merged.allowed <= min(of(held, one).allowed, of(held, other).allowed)


# --- one hop -----------------------------------------------------------------------------------------------------------


def elsewhere(fact: Fact, cell: Cell) -> bool:
    """Held by somebody else, or by another address."""
    return fact.person not in cell.persons if fact.holder == "person" else fact.loose != cell.loose


@given(SETS, SETS, CELLS)
def test_what_another_person_or_address_holds_never_matters(held: list[Fact], others: list[Fact], cell: Cell) -> None:
    beside = [fact for fact in others if denial(fact) and elsewhere(fact, cell)]
    assert of([*held, *beside], cell) == of(held, cell)


@given(facts().filter(denial), st.sampled_from([None, "new@x.example", "ben@x.example"]), CELLS)
def test_what_a_person_holds_covers_every_address_of_the_person(fact: Fact, address: str | None, cell: Cell) -> None:
    held = fact._replace(holder="person")
    assert of([held], cell).denials == of([held], replace(cell, strict=address, loose=address)).denials


@given(facts().filter(denial), CELLS)
def test_what_an_address_holds_covers_everybody_there(fact: Fact, cell: Cell) -> None:
    held = fact._replace(holder="address")
    assert of([held], cell).denials == of([held], replace(cell, persons=frozenset({"somebody"}))).denials


@given(SETS, CELLS)
def test_a_grant_is_of_this_person_at_this_very_address(held: list[Fact], cell: Cell) -> None:
    known = {fact.key: fact for fact in held}
    for key in of(held, cell).grants:
        assert known[key].person in cell.persons
        assert known[key].strict == cell.strict


# --- strict and loose --------------------------------------------------------------------------------------------------

PLAIN = st.from_regex(r"[a-z][a-z0-9.]{0,8}[a-z0-9]@[a-z][a-z0-9]{0,6}\.example", fullmatch=True)
WIDE = {ord(letter): chr(ord(letter) + 0xFEE0) for letter in "abcdefghijklmnopqrstuvwxyz0123456789"}
SPELLINGS: dict[str, Callable[[str], str]] = {
    "same": lambda text: text,
    "upper": str.upper,
    "title": lambda text: text[0].upper() + text[1:],
    "wide": lambda text: text.partition("@")[0].translate(WIDE) + "@" + text.partition("@")[2],
    "unseen": lambda text: text[:1] + "\u200b" + text[1:],
    "direction": lambda text: "\u202a" + text,
    "blanks": lambda text: f" {text}\t",
}


def spelled(text: str, how: str) -> str:
    return SPELLINGS[how](text)


def at(text: str) -> tuple[str | None, str | None]:
    found = keys(text)
    return found.strict, found.loose


@given(PLAIN, st.sampled_from(sorted(SPELLINGS)), st.sampled_from(sorted(SPELLINGS)))
@example("ana@x.example", "upper", "wide")
def test_a_denial_of_any_spelling_denies_every_spelling(text: str, denied: str, asked: str) -> None:
    strict, loose = at(spelled(text, denied))
    opt_out = Fact("no", "objection", "address", None, strict, loose, Scope(), NOW, NOW)
    cell = Cell(frozenset({"p"}), *at(spelled(text, asked)), Scope())
    assert not of([opt_out], cell).allowed


@given(PLAIN, PLAIN, st.sampled_from(sorted(SPELLINGS)))
def test_two_addresses_never_share_a_denial(text: str, other: str, how: str) -> None:
    assume(text != other)
    strict, loose = at(spelled(text, how))
    opt_out = Fact("no", "objection", "address", None, strict, loose, Scope(), NOW, NOW)
    assert of([opt_out], Cell(frozenset({"p"}), *at(other), Scope())).allowed


@given(PLAIN, st.sampled_from(sorted(SPELLINGS)))
def test_a_grant_holds_only_where_nothing_but_the_unseen_differs(text: str, how: str) -> None:
    yes = Fact("yes", "grant", "address", "p", *at(text), Scope(), NOW, NOW, None, "subject", 4)
    cell = Cell(frozenset({"p"}), *at(spelled(text, how)), Scope())
    seen = spelled(text, how).strip().replace("\u200b", "").replace("\u202a", "")
    same_local = seen.partition("@")[0] == text.partition("@")[0]
    assert of([yes], cell, Grant.EXPRESS).allowed == same_local
