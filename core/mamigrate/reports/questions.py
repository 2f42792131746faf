"""What people decided and what waits for them: each question once, with its sentence and what holds meanwhile. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mamigrate.findings import Finding, Severity
from mamigrate.reports.grouping import SENTENCES, as_finding
from mamigrate.reports.phrases import Phrase, Phrasebook
from mamigrate.reports.standing import Facts

ASKED_BY = {
    "irreversible_undecided": "irreversible/create-fields",
    "member_fields_undecided": "irreversible/create-member-fields",
    "program_sends": "live/program/{id}",
    "law_holds_undecided": "irreversible/hold-by-law",
    "consent_column_undeclared": "consent-column/{field}",
    "live_automation": "live/{id}",
    "denials_unread": "{id}",
    "denial_unattributed": "unattributed-denials",
    "denials_lifted_many": "{id}",
    "crm_unknown": "crm-unknown/{subject}",
    "crm_opt_outs_unread": "crm-opt-outs/none",
    "crm_id_conflict": "{id}",
    "facts_lost": "forget-facts/{id}",
    "tombstones_unnamed": "forget-facts/{id}",
    "topic_field_reused": "{id}",
    "count_short": "count-short/{kind}",
    "side_shrunk": "{id}",
    "target_shrunk": "{id}",
    "denials_late": "late-denials",
    "late_column_unread": "unread-columns",
    "late_denial_nowhere": "unplaced-denials",
    "late_denial_not_held": "unplaced-denials",
    "other_instance": "{id}",
    "default_topic_open": "default-topic/{id}",
    "opt_out_sync_loses": "opt-out-sync/{subject}",
    "asset_is_marketing": "asset-class/{id}",
}
"""Findings that a decision settles, with the decision's id."""

STOPS, UNPROVEN, READ_ANEW, NOTHING = "safe_choice", "safe_unproven", "safe_read_anew", "safe_nothing"
HELD, LATE = "safe_held", "safe_late"
QUESTIONS = {
    "irreversible/hold-by-law": ("question_hold_by_law", STOPS),
    "irreversible/create-member-fields": ("question_create_member_fields", STOPS),
    "irreversible/": ("question_create_fields", STOPS),
    "consent-column/": ("question_consent_column", STOPS),
    "live/": ("question_live", STOPS),
    "unread-denials": ("question_unread_denials", STOPS),
    "unread-columns": ("question_unread_columns", NOTHING),
    "unattributed-denials": ("question_unattributed", UNPROVEN),
    "lifted-denials/": ("question_lifted", UNPROVEN),
    "unplaced-denials": ("question_unplaced", NOTHING),
    "late-denials": ("question_late", LATE),
    "crm-unknown/": ("question_crm_unknown", STOPS),
    "crm-opt-outs/": ("question_crm_opt_outs", STOPS),
    "crm-id/": ("question_crm_id", HELD),
    "forget-facts/": ("question_forget_facts", STOPS),
    "reuse-field/": ("question_reuse_field", STOPS),
    "count-short/": ("question_count_short", STOPS),
    "shrunk/": ("question_shrunk", STOPS),
    "other-instance/": ("question_other_instance", STOPS),
    "default-topic/": ("question_default_topic", STOPS),
    "opt-out-sync/": ("question_opt_out_sync", STOPS),
    "asset-class/": ("question_asset_class", NOTHING),
    "old-source": ("question_old_source", READ_ANEW),
}
"""By how an id begins: the sentence for what ``accept`` means, and the one for what holds while nobody decides."""


@dataclass(frozen=True, slots=True)
class Question:
    """``about`` are sentences: what ``accept`` means, then what was found. ``made`` is the decision, None: it is open."""

    id: str
    about: tuple[Phrase, ...]
    safe: Phrase
    made: Mapping[str, Any] | None


def waiting(facts: Facts, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """What nobody has decided yet: what was ``asked``, with its safe choice, and what the findings of ``facts`` leave open.

    ``stops``: nothing is written until somebody decides.
    """
    found, made = _found(facts), {one["id"] for one in facts["decisions"]}
    return [
        {
            "id": id,
            "safe": asked.get(id, "refuse"),
            "stops": id in asked or any(one.severity is Severity.BLOCK for one in found[id]),
        }
        for id in dict.fromkeys([*asked, *found])
        if id not in made
    ]


def questions(facts: Facts, book: Phrasebook) -> Iterator[Question]:
    """Open ones first, then those that are decided, each in the order of the report."""
    found = _found(facts)
    made = {one["id"]: one for one in facts["decisions"]}
    asked = [one["id"] for one in facts["decisions_open"]]
    for id in dict.fromkeys([*asked, *found, *made]):
        if id not in made:
            yield _question(id, facts, book, found.get(id, ()), None)
    for id, decision in made.items():
        yield _question(id, facts, book, found.get(id, ()), decision)


def _found(facts: Facts) -> dict[str, list[Finding]]:
    """Findings by the decision that settles them."""
    by: dict[str, list[Finding]] = {}
    for one in map(as_finding, facts["findings"]):
        if one.code in ASKED_BY:
            named = {"field": "", "id": "", "kind": "", **one.params, "subject": one.subject}
            by.setdefault(ASKED_BY[one.code].format_map(named), []).append(one)
    by.pop("", None)
    return by


def _question(
    id: str, facts: Facts, book: Phrasebook, found: list[Finding] | tuple[()], made: Mapping[str, Any] | None
) -> Question:
    begins = next((begin for begin in QUESTIONS if id.startswith(begin)), None)
    sentence, safe = QUESTIONS[begins] if begins else ("question_unknown", NOTHING)
    about = [book.say(sentence, target=facts["target"]["title"], what=id.partition("/")[2])]
    about += _fields(facts, book) if id == "irreversible/create-fields" else []
    about += [book.finding(one) for one in found[:SENTENCES]]
    return Question(id, tuple(about), book.say(safe), made)


def _fields(facts: Facts, book: Phrasebook) -> list[Phrase]:
    """How many fields that is, where the report knows."""
    number = len(facts.get("created_fields", ()))
    said = "created_fields" if facts["state"] == "loaded" else "created_fields_planned"
    return [book.say(said, n=number, target=facts["target"]["title"])] if number else []
