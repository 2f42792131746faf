"""Ways to break exactly one thing in a population in which everything holds, and the statements that must notice.

Each way is named after the statement that it breaks; where that one alone notices, no other may be held for it.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from populations import ASKED, NOW, SALES, SNAPSHOT, Population, Row

Breaking = Callable[[Population], None]


class Way(NamedTuple):
    """``number`` is of the statement, ``also`` of others that notice the same."""

    number: int
    name: str
    plant: Breaking
    also: frozenset[int]


WAYS: list[Way] = []


def breaks(number: int, *also: int) -> Callable[[Breaking], Breaking]:
    def keep(plant: Breaking) -> Breaking:
        WAYS.append(Way(number, plant.__name__, plant, frozenset(also)))
        return plant

    return keep


def _drop(made: Population, table: str, row: Row) -> None:
    made.tables[table] = [one for one in made.tables[table] if one is not row]


def _same(made: Population, table: str, cell: Row) -> Row:
    where = ("person", "address", "brand", "topic")
    return made.some(table, **{name: cell[name] for name in where})


def _forbidden(made: Population) -> Row:
    """A cell that only the regime closes."""
    bound = {row["person"] for row in made.tables["bound"]}
    rows = [row for row in made.tables["verdicts"] if row["person"] not in bound]
    closed = [row for row in rows if row["source_mails"] and not row["allowed"]]
    return made.dice.choice([row for row in closed if not row["later"] and row["topic"] == "news"])


def _denied(made: Population, kind: str) -> Row:
    """The denial of somebody who stands on the target."""
    there = {row["person"] for row in made.tables["records"]}
    mine = [row for row in made.tables["denials"] if row["kind"] == kind and row["person"] in there]
    return made.dice.choice([row for row in mine if not _lifted(made, row)])


def _lifted(made: Population, denial: Row) -> bool:
    return any(row["denial"] == denial["fact"] for row in made.tables["lifted"])


def _record(made: Population, denial: Row) -> Row:
    return made.some("records", person=denial["person"])


def _unwritten(made: Population, cell: Row) -> Row:
    """The cell on the target as it stood there before: nobody wrote to it."""
    where = ("person", "address", "brand", "topic")
    mine = tuple(cell[name] for name in where)
    made.tables["journal"] = [row for row in made.tables["journal"] if tuple(row[name] for name in where) != mine]
    return _same(made, "cells", cell)


# --- 1: no weakening ---------------------------------------------------------------------------------------------------


@breaks(1)
def a_cell_is_open_that_the_regime_closes(made: Population) -> None:
    _unwritten(made, _forbidden(made))["allowed"] = True


@breaks(1)
def a_cell_is_open_whose_verdict_is_null(made: Population) -> None:
    cell = _forbidden(made)
    cell["allowed"] = None
    _unwritten(made, cell)["allowed"] = True


@breaks(1, 16, 21, 8)
def a_cell_is_open_whose_person_opted_out(made: Population) -> None:
    made.some("cells", person=_denied(made, "objection")["person"], allowed=False)["allowed"] = True


@breaks(1, 16, 20, 21)
def a_cell_is_open_of_a_null_address(made: Population) -> None:
    made.some("cells", allowed=True, enrolled=False, topic="events")["address"] = None


@breaks(1, 16, 21)
def somebody_is_open_whom_nobody_judged(made: Population) -> None:
    cell = dict(made.some("cells", allowed=True, enrolled=False, topic="events"))
    made.tables["cells"].append(cell | {"person": "stranger", "settled": False})


# --- 2: no baseless enrolment ------------------------------------------------------------------------------------------


@breaks(2)
def somebody_is_enrolled_without_a_grant(made: Population) -> None:
    made.some("cells", allowed=True, enrolled=False, topic="events")["enrolled"] = True


@breaks(2)
def somebody_closed_is_enrolled(made: Population) -> None:
    made.some("cells", allowed=False, topic="news")["enrolled"] = True


@breaks(2, 1, 16, 20, 21)
def somebody_is_enrolled_at_a_null_address(made: Population) -> None:
    made.some("cells", allowed=True, enrolled=True)["address"] = None


@breaks(2)
def a_grant_of_one_spelling_enrols_another(made: Population) -> None:
    key = made.some("cells", enrolled=True, topic="club")["person"]
    made.some("facts", person=key, polarity="+")["address_strict"] = f"WHO@{key}.example"


@breaks(2, 16)
def the_grant_ran_out(made: Population) -> None:
    cell = made.some("cells", enrolled=True, topic="club")
    made.some("facts", person=cell["person"], polarity="+")["until"] = NOW


@breaks(2)
def the_topic_has_no_place_on_the_target(made: Population) -> None:
    _drop(made, "topics", made.some("topics", topic="club"))


@breaks(2, 16)
def the_grant_has_not_begun(made: Population) -> None:
    cell = made.some("cells", enrolled=True, topic="club")
    grant = made.some("facts", person=cell["person"], polarity="+")
    grant["lo"] = made.some("evidence", key=grant["key"])["lo"] = NOW + timedelta(days=1)


@breaks(2)
def a_grant_of_marketing_enrols_for_sales(made: Population) -> None:
    made.add("topics", brand=SALES.brand, topic=SALES.topic, asset_class="SLS", asks=False)
    for denial, decision in made.releases.items():
        made.add("lifted", denial=denial, by=decision, **SALES._asdict())
    cell = dict(made.some("cells", enrolled=True, topic="club"))
    made.tables["cells"].append(cell | {**SALES._asdict(), "allowed": False, "settled": False})


@breaks(2)
def a_denial_enrols(made: Population) -> None:
    made.some("cells", person=_denied(made, "unparsed")["person"], topic="news")["enrolled"] = True


@breaks(2)
def the_grant_is_of_another_channel(made: Population) -> None:
    key = made.some("cells", enrolled=True, topic="club")["person"]
    made.some("facts", person=key, polarity="+")["channel"] = "sms"


# --- 3: no lost denial -------------------------------------------------------------------------------------------------


@breaks(3)
def a_denial_is_held_of_another_address(made: Population) -> None:
    _moved(made, "address_loose", "other@x.example")


@breaks(3)
def a_denial_is_held_of_a_null_address(made: Population) -> None:
    _moved(made, "address_loose", None)


def _moved(made: Population, column: str, value: str | None) -> None:
    """Of somebody who left one topic only: no wider denial holds in its place."""
    denials = made.tables["denials"]
    alone = [row for row in denials if sum(other["person"] == row["person"] for other in denials) == 1]
    denial = made.dice.choice([row for row in alone if row["kind"] == "topic_opt_out"])
    made.some("held", fact=denial["fact"])[column] = value


@breaks(3)
def a_denial_is_held_of_another_person(made: Population) -> None:
    denial = made.some("denials", kind="unparsed")
    made.some("held", fact=denial["fact"])["person"] = "somebody else"


@breaks(3)
def a_denial_is_held_of_a_null_person(made: Population) -> None:
    denial = made.some("denials", kind="unparsed")
    made.some("held", fact=denial["fact"])["person"] = None


@breaks(3, 19)
def a_denial_is_held_too_narrowly(made: Population) -> None:
    denial = made.some("denials", kind="unparsed")
    made.some("held", fact=denial["fact"])["topic"] = "news"


@breaks(3, 19)
def a_wide_denial_is_held_in_one_brand_only(made: Population) -> None:
    made.some("held", fact=made.some("denials", kind="unparsed")["fact"])["brand"] = "north"


@breaks(3)
def somebody_suppressed_came_to_the_target(made: Population) -> None:
    waiting = made.some("suppressed")
    made.add("records", key="t-new", person="new", address_loose=waiting["address_loose"], mark="new", read=True)


@breaks(3)
def a_suppression_is_of_a_null_address(made: Population) -> None:
    made.some("suppressed")["address_loose"] = None


@breaks(3)
def what_was_lifted_on_one_topic_is_lost_on_another(made: Population) -> None:
    lifted = made.some("lifted", topic="news", by=made.dice.choice(_grants(made)))
    held = [row for row in made.tables["held"] if row["fact"] == lifted["denial"]]
    _drop(made, "held", held[0])


def _grants(made: Population) -> list[str]:
    return sorted({row["by"] for row in made.tables["lifted"] if not row["by"].startswith("wave")})


@breaks(3)
def a_denial_was_not_read_where_its_record_was(made: Population) -> None:
    _moved(made, "read", None)


@breaks(3, 16, 21, 7)
def a_denial_was_lifted_by_null(made: Population) -> None:
    lifted = made.some("lifted", topic="news", by=made.dice.choice(_grants(made)))
    for row in made.tables["lifted"]:
        row["by"] = None if row["denial"] == lifted["denial"] else row["by"]


@breaks(3)
def nobody_knows_who_holds_a_denial(made: Population) -> None:
    _denied(made, "objection")["holder"] = None


# --- 4: conservation ---------------------------------------------------------------------------------------------------


@breaks(4)
def a_denial_ends_nowhere(made: Population) -> None:
    denial = _denied(made, "topic_opt_out")
    for row in made.tables["held"]:
        row["fact"] = "somebody else's" if row["fact"] == denial["fact"] else row["fact"]


@breaks(4)
def a_denial_ends_at_null(made: Population) -> None:
    made.some("held", fact=_denied(made, "unparsed")["fact"])["fact"] = None


@breaks(4)
def a_waiting_denial_ends_at_null(made: Population) -> None:
    made.some("suppressed")["fact"] = None


@breaks(4)
def a_denial_was_never_derived(made: Population) -> None:
    denial = _denied(made, "unparsed")
    _drop(made, "denials", denial)
    made.some("held", fact=denial["fact"])["fact"] = None


# --- 5: safe prefixes --------------------------------------------------------------------------------------------------


def _created_denied(made: Population) -> tuple[Row, Row]:
    """The denying write of a cell, and the one that creates it."""
    cell = made.some("verdicts", person=_denied(made, "objection")["person"], allowed=False)
    return tuple(  # type: ignore[return-value]  # a population writes both
        next(row for row in made.tables["journal"] if _at(row, cell) and row[name] is True)
        for name in ("denied", "exists")
    )


def _at(row: Row, cell: Row) -> bool:
    return all(row[name] == cell[name] for name in ("person", "address", "brand", "topic"))


@breaks(5)
def somebody_is_created_before_the_denial(made: Population) -> None:
    denying, creating = _created_denied(made)
    denying["seq"], creating["seq"] = creating["seq"], denying["seq"]


@breaks(5)
def a_denial_is_not_written(made: Population) -> None:
    _drop(made, "journal", _created_denied(made)[0])


@breaks(5)
def a_denying_write_is_null(made: Population) -> None:
    _created_denied(made)[0]["denied"] = None


@breaks(5)
def a_write_has_no_place(made: Population) -> None:
    _created_denied(made)[0]["seq"] = None


@breaks(5)
def a_write_that_creates_has_no_place(made: Population) -> None:
    _created_denied(made)[1]["seq"] = None


@breaks(5)
def a_write_is_of_a_null_person(made: Population) -> None:
    made.some("journal", exists=True)["person"] = None


# --- 6: monotone writes ------------------------------------------------------------------------------------------------


@breaks(6)
def an_enrolment_has_a_null_permit(made: Population) -> None:
    made.some("journal", enrolled=True)["permit"] = None


@breaks(6)
def an_enrolment_names_a_fact_that_is_not_there(made: Population) -> None:
    made.some("journal", enrolled=True)["permit"] = "f999"


@breaks(6)
def an_enrolment_names_a_denial(made: Population) -> None:
    """Of the very person."""
    lifted = made.some("lifted", topic="news", by=made.dice.choice(_grants(made)))
    made.some("journal", enrolled=True, permit=lifted["by"])["permit"] = lifted["denial"]


@breaks(6)
def an_enrolment_names_somebody_elses_grant(made: Population) -> None:
    write = made.some("journal", enrolled=True)
    others = [row for row in made.tables["facts"] if row["polarity"] == "+" and row["person"] != write["person"]]
    write["permit"] = made.dice.choice(others)["key"]


@breaks(6)
def a_release_has_no_decision(made: Population) -> None:
    made.some("journal", denied=False)["decision"] = None


@breaks(6)
def a_release_names_a_wave_of_others(made: Population) -> None:
    release = made.some("journal", denied=False)
    others = [row for row in made.tables["waves"] if row["decision"] != release["decision"]]
    release["decision"] = made.dice.choice(others)["decision"]


@breaks(6)
def a_release_names_another_wave(made: Population) -> None:
    made.some("journal", denied=False)["decision"] = "wave-9999"


# --- 7: merging is a union -----------------------------------------------------------------------------------------------


@breaks(7)
def a_denial_of_somebody_who_was_joined_is_passed_over(made: Population) -> None:
    made.some("verdicts", person=_denied(made, "unparsed")["person"], topic="news")["allowed"] = True


@breaks(7)
def a_return_is_named_by_a_null_derivation(made: Population) -> None:
    """The target keeps the cell closed, so nothing else notices."""
    lifted = made.some("lifted", topic="news", by=made.dice.choice(_grants(made)))
    person = next(fact.person for fact in made.facts if fact.key == lifted["denial"])
    cell = made.some("verdicts", person=person, brand=lifted["brand"], topic="news", allowed=True)
    cell["derivation"] = None
    _same(made, "cells", cell).update(allowed=False, enrolled=False, settled=False)


# --- 8: deflation --------------------------------------------------------------------------------------------------------


@breaks(8)
def a_no_that_was_written_reads_as_a_yes(made: Population) -> None:
    _write(made, made.some("cells", allowed=True), True)


@breaks(8)
def a_no_before_a_write_of_null_reads_as_a_yes(made: Population) -> None:
    cell = made.some("cells", allowed=True)
    for denied in (True, None):
        _write(made, cell, denied)


def _write(made: Population, cell: Row, denied: bool | None) -> None:
    where = {name: cell[name] for name in ("person", "address", "channel", "brand", "topic", "asset_class")}
    made.add("journal", seq=len(made.tables["journal"]) + 1, **where, denied=denied)


# --- 9 to 12 -----------------------------------------------------------------------------------------------------------


@breaks(9)
def a_doubtful_value_became_nothing(made: Population) -> None:
    made.some("readings", understood=True)["understood"] = False


@breaks(9)
def a_value_was_understood_null(made: Population) -> None:
    made.some("readings", understood=True)["understood"] = None


@breaks(9)
def a_doubtful_value_has_a_null_reference(made: Population) -> None:
    made.some("readings", understood=False)["source_ref"] = None


@breaks(9)
def a_doubtful_value_became_a_grant(made: Population) -> None:
    grant = made.some("facts", polarity="+")
    made.add("readings", person=grant["person"], source_ref=grant["source_ref"], understood=False)


def _closed_for_good(made: Population) -> Row:
    """A cell of somebody for whom no hold ends and no grant begins."""
    return made.some("verdicts", person=_denied(made, "objection")["person"], allowed=False)


@breaks(10)
def time_opened_a_cell(made: Population) -> None:
    _closed_for_good(made)["later"] = True


@breaks(10)
def time_opened_a_cell_of_a_null_verdict(made: Population) -> None:
    cell = _closed_for_good(made)
    cell["later"], cell["allowed"] = True, None


@breaks(10)
def an_old_grant_opened_a_cell(made: Population) -> None:
    lifted = made.some("lifted", topic="news", by=made.dice.choice(_grants(made)))
    person = made.some("facts", key=lifted["by"])["person"]
    made.some("verdicts", person=person, allowed=False)["later"] = True


@breaks(10)
def a_hold_without_an_end_ended(made: Population) -> None:
    _holding(made)["until"] = ASKED.later + timedelta(days=1)


@breaks(10)
def a_hold_of_a_null_end_ended(made: Population) -> None:
    _holding(made)["until"] = None


def _holding(made: Population) -> Row:
    holds = [row for row in made.tables["facts"] if row["kind"] == "time_hold" and row["until"] > NOW]
    return made.dice.choice(holds)


@breaks(11)
def a_denial_took_too_long(made: Population) -> None:
    denial = made.some("denials")
    denial["observed_at"] = NOW - timedelta(days=2)
    denial["effective_at"] = denial["observed_at"] + ASKED.deadline + timedelta(seconds=1)


@breaks(11)
def a_denial_is_still_not_in_effect(made: Population) -> None:
    made.some("denials").update(observed_at=NOW - ASKED.deadline - timedelta(seconds=1), effective_at=None)


@breaks(11)
def a_denial_was_seen_at_null(made: Population) -> None:
    made.some("denials")["observed_at"] = None


@breaks(11)
def nobody_knows_anything_of_the_times(made: Population) -> None:
    made.some("denials").update(observed_at=None, effective_at=None)


@breaks(12)
def a_fact_is_not_in_the_evidence(made: Population) -> None:
    _drop(made, "evidence", made.some("evidence"))


@breaks(12)
def the_evidence_has_another_hash(made: Population) -> None:
    made.some("evidence")["hash"] = "0" * 16


@breaks(12)
def the_evidence_has_a_null_hash(made: Population) -> None:
    made.some("evidence")["hash"] = None


@breaks(12)
def a_fact_has_no_hash_on_either_side(made: Population) -> None:
    fact = made.some("facts")
    fact["hash"] = made.some("evidence", key=fact["key"])["hash"] = None


@breaks(12)
def the_evidence_lost_the_time(made: Population) -> None:
    made.dice.choice([row for row in made.tables["evidence"] if row["lo"]])["lo"] = None


@breaks(12)
def the_evidence_invented_a_time(made: Population) -> None:
    made.dice.choice([row for row in made.tables["evidence"] if not row["hi"]])["hi"] = NOW


# --- 13 to 18 ----------------------------------------------------------------------------------------------------------


def _buried(made: Population) -> None:
    made.add("records", key="t-risen", person="risen", address_loose="risen@x.example", mark=_tomb(made), read=True)


def _tomb(made: Population) -> str:
    return str(made.dice.choice([row["mark"] for row in made.tables["tombstones"] if row["mark"]]))


@breaks(13)
def somebody_erased_stands_there_again(made: Population) -> None:
    _buried(made)


@breaks(13)
def somebody_erased_stands_there_beside_a_null_tombstone(made: Population) -> None:
    made.add("tombstones", mark=None)
    _buried(made)


@breaks(13)
def somebody_erased_stands_there_unread(made: Population) -> None:
    _buried(made)
    made.tables["records"][-1]["read"] = None


@breaks(14)
def a_verdict_rests_on_another_brand(made: Population) -> None:
    _rest_on_another_brand(made, "south")


@breaks(14)
def a_verdict_rests_on_a_null_brand(made: Population) -> None:
    _rest_on_another_brand(made, None)


@breaks(14)
def a_rule_reaches_the_other_way_only(made: Population) -> None:
    _rest_on_another_brand(made, "south")
    made.add("brand_rules", brand="north", into="south")


def _rest_on_another_brand(made: Population, brand: str | None) -> None:
    """Evidence that permits and denies nothing by itself: a sign-up that waits."""
    where = {"channel": "email", "brand": brand, "topic": "news", "asset_class": "MKT"}
    made.add("facts", key="waits", polarity="0", kind="pending", holder="person", **where, hash="0")
    made.add("evidence", key="waits", hash="0")
    made.some("verdicts", brand="north", topic="news")["derivation"].append("waits")


@breaks(15)
def a_number_is_not_what_the_evidence_comes_to(made: Population) -> None:
    made.some("numbers")["said"] += 1


@breaks(15)
def a_number_is_null(made: Population) -> None:
    made.some("numbers")["counted"] = None


@breaks(15)
def both_numbers_are_null(made: Population) -> None:
    made.some("numbers").update(said=None, counted=None)


@breaks(15)
def a_pass_with_something_unread(made: Population) -> None:
    made.some("numbers")["unread"] = 1


@breaks(15)
def a_pass_with_null_unread(made: Population) -> None:
    made.some("numbers")["unread"] = None


@breaks(16)
def an_open_cell_has_no_derivation(made: Population) -> None:
    made.some("verdicts", allowed=True)["derivation"] = None


@breaks(16)
def a_derivation_names_a_fact_that_is_not_there(made: Population) -> None:
    made.some("verdicts", allowed=True)["derivation"].append("f999")


@breaks(16)
def a_derivation_names_null(made: Population) -> None:
    made.some("verdicts", allowed=True)["derivation"].append(None)


@breaks(16)
def a_derivation_forgets_the_grant(made: Population) -> None:
    made.some("verdicts", allowed=True, topic="club")["derivation"].clear()


@breaks(16, 7)
def a_derivation_forgets_what_lifted_a_denial(made: Population) -> None:
    lifted = made.some("lifted", by=made.dice.choice(_grants(made)))
    grant = made.some("facts", key=lifted["by"])
    made.some("verdicts", person=grant["person"], topic="news", allowed=True)["derivation"].remove(lifted["by"])


@breaks(16, 7, 8)
def a_verdict_passes_over_a_denial(made: Population) -> None:
    """Everything else believes the verdict; the facts do not."""
    cell = made.some(
        "verdicts", person=_denied(made, "topic_opt_out")["person"], topic="news", brand="north", allowed=False
    )
    cell.update(allowed=True, later=True, source_mails=True)
    _same(made, "cells", cell).update(allowed=True, settled=True)


def _by_law(made: Population) -> tuple[Row, str]:
    """An open cell that a basis rule keeps open, and the key of its fact."""
    fact = made.some("facts", basis="card")
    return made.some("verdicts", person=fact["person"], allowed=True), fact["key"]


@breaks(16)
def a_derivation_forgets_the_basis(made: Population) -> None:
    cell, key = _by_law(made)
    cell["derivation"].remove(key)


@breaks(16)
def a_basis_that_a_law_does_not_count(made: Population) -> None:
    _, key = _by_law(made)
    made.some("based", fact=key)["pack"] = "gdpr"


@breaks(16)
def a_basis_of_null(made: Population) -> None:
    _, key = _by_law(made)
    made.some("based", fact=key)["fact"] = None


@breaks(16)
def a_basis_that_has_not_begun(made: Population) -> None:
    _, key = _by_law(made)
    fact = made.some("facts", key=key)
    fact["lo"] = fact["hi"] = NOW + timedelta(hours=1)
    made.some("evidence", key=key).update(lo=fact["lo"], hi=fact["hi"])


@breaks(16)
def a_basis_of_another_topic(made: Population) -> None:
    _, key = _by_law(made)
    made.some("facts", key=key)["topic"] = "club"


@breaks(2)
def a_basis_rule_enrols(made: Population) -> None:
    cell, _ = _by_law(made)
    _same(made, "cells", cell)["enrolled"] = True


@breaks(6)
def a_basis_rule_permits_a_write(made: Population) -> None:
    cell, key = _by_law(made)
    where = {name: cell[name] for name in ("person", "address", "channel", "brand", "topic", "asset_class")}
    made.add("journal", seq=len(made.tables["journal"]) + 1, **where, enrolled=True, permit=key)


@breaks(16, 6, 21, 7)
def a_wave_is_not_signed(made: Population) -> None:
    made.some("waves")["signer"] = None


@breaks(17)
def a_second_run_writes_consent(made: Population) -> None:
    made.add("planned", run=2, person="p1", field="unsubscribed")


@breaks(17)
def a_run_of_null_writes_consent(made: Population) -> None:
    made.add("planned", run=None, person="p1", field="unsubscribed")


@breaks(17)
def a_third_run_writes_consent_of_nobody(made: Population) -> None:
    made.add("planned", run=3, person=None, field=None)


@breaks(18)
def an_asset_is_declassed(made: Population) -> None:
    made.some("assets", key="newsletter")["target_class"] = made.dice.choice(("SVC", "TXN", "*"))


@breaks(18)
def an_asset_is_of_a_null_class_there(made: Population) -> None:
    made.some("assets", key="newsletter")["target_class"] = None


@breaks(18)
def an_asset_was_of_a_null_class(made: Population) -> None:
    made.some("assets", key="receipt")["source_class"] = None


@breaks(18)
def an_asset_lost_its_decision(made: Population) -> None:
    made.some("assets", key="notice")["decision"] = None


# --- 19 to 21 ----------------------------------------------------------------------------------------------------------


def _wide(made: Population) -> Row:
    """The target's own denial of everything for somebody who left every topic."""
    return made.some("held", fact=None)


@breaks(19)
def somebody_allowed_nowhere_has_no_wide_denial(made: Population) -> None:
    _drop(made, "held", _wide(made))


@breaks(19)
def a_wide_denial_is_of_nobody(made: Population) -> None:
    _wide(made).update(person=None, address_loose=None)


@breaks(19)
def a_wide_denial_is_of_one_topic(made: Population) -> None:
    _wide(made)["topic"] = "news"


@breaks(19)
def a_wide_denial_is_of_a_null_brand(made: Population) -> None:
    _wide(made)["brand"] = None


@breaks(19)
def a_wide_denial_is_of_another_channel(made: Population) -> None:
    _wide(made)["channel"] = "sms"


@breaks(19)
def a_wide_denial_was_not_read(made: Population) -> None:
    _wide(made)["read"] = None


@breaks(19)
def a_wide_denial_is_of_other_mail(made: Population) -> None:
    _wide(made)["asset_class"] = made.dice.choice(("SVC", "TXN", "SLS"))


@breaks(20)
def the_target_opened_a_cell_since(made: Population) -> None:
    made.some("cells", settled=False)["settled"] = True


@breaks(20)
def the_target_took_a_denial_away_since(made: Population) -> None:
    made.some("held", settled=True)["settled"] = False


@breaks(20)
def the_target_took_a_denial_of_everything_away_since(made: Population) -> None:
    made.some("held", settled=True, topic="*")["settled"] = False


@breaks(20)
def the_target_took_a_denial_of_a_topic_away_since(made: Population) -> None:
    made.dice.choice([row for row in made.tables["held"] if row["settled"] and row["topic"] != "*"])["settled"] = False


@breaks(20)
def the_target_opened_a_cell_since_whose_verdict_is_null(made: Population) -> None:
    cell = made.some("verdicts", allowed=False, later=False)
    cell["allowed"] = None
    _same(made, "cells", cell)["settled"] = True


@breaks(21)
def an_exception_is_not_listed(made: Population) -> None:
    _drop(made, "exceptions", made.some("exceptions"))


@breaks(21)
def an_exception_names_what_is_not_there(made: Population) -> None:
    made.some("exceptions")["reference"] = "f999"


@breaks(21)
def a_hold_that_still_runs_is_no_exception(made: Population) -> None:
    made.some("exceptions").update(why="time", reference=_holding(made)["key"])


@breaks(21)
def an_exception_names_null(made: Population) -> None:
    made.some("exceptions")["reference"] = None


@breaks(21)
def an_exception_has_another_reason(made: Population) -> None:
    excepted = made.some("exceptions")
    excepted["why"] = made.dice.choice(
        [why for why in ("time", "lifted", "grant", "wave", None) if why != excepted["why"]]
    )


@breaks(21)
def nobody_knows_whether_the_source_mailed(made: Population) -> None:
    """A plain person: nothing excepts them."""
    excepted = [row["person"] for row in made.tables["exceptions"]]
    cells = [row for row in made.tables["verdicts"] if row["allowed"] and row["person"] not in excepted]
    made.dice.choice(cells)["source_mails"] = None


@breaks(21)
def a_grant_is_of_before_the_snapshot(made: Population) -> None:
    grant = made.some("facts", key=made.some("exceptions", why="grant")["reference"])
    grant["lo"] = made.some("evidence", key=grant["key"])["lo"] = SNAPSHOT
