"""What people must do after a run: who, how much of it, how long it takes. Pure, from the facts alone.

Efforts are rough minutes for somebody who knows the platform; the page says so and shows how they were counted.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from mamigrate.reports.standing import Facts

BLOCKING = {
    "open_sum": ("operator", 30),
    "other_instance": ("operator", 15),
    "side_shrunk": ("platform_admin", 30),
    "target_shrunk": ("platform_admin", 30),
    "crm_link_undecided": ("crm_admin", 60),
    "crm_unknown": ("crm_admin", 15),
    "crm_sync_on": ("crm_admin", 15),
    "crm_pushes_unplanned": ("crm_admin", 60),
    "irreversible_undecided": ("sponsor", 15),
    "law_holds_undecided": ("privacy", 15),
    "decision_refused": ("sponsor", 30),
    "live_automation": ("marketing_ops", 10),
    "contract_exceeded": ("sponsor", 60),
    "denials_unread": ("platform_admin", 60),
    "default_topic_open": ("marketing_ops", 15),
    "opt_out_sync_loses": ("crm_admin", 30),
    "consent_column_undeclared": ("privacy", 15),
    "facts_lost": ("privacy", 15),
    "tombstones_unnamed": ("privacy", 15),
    "topic_field_reused": ("privacy", 30),
    "hidden_field": ("platform_admin", 15),
    "too_long": ("marketing_ops", 5),
    "mapping_invalid": ("marketing_ops", 10),
    "source_field_unknown": ("marketing_ops", 5),
    "target_field_unknown": ("marketing_ops", 5),
    "target_field_read_only": ("marketing_ops", 5),
    "target_field_exists": ("marketing_ops", 10),
    "target_used_twice": ("marketing_ops", 5),
    "newly_reachable": ("privacy", 15),
    "reopened_on_target": ("privacy", 15),
    "topic_denial_lost": ("privacy", 15),
    "invariant_broken": ("privacy", 30),
    "doubled": ("data_steward", 10),
    "move_undone": ("operator", 30),
}
"""Role and minutes a finding that blocks. Other codes: OTHER."""

OTHER = ("marketing_ops", 15)

QUESTIONS = {
    "irreversible/hold-by-law": "law_holds_undecided",
    "irreversible/": "irreversible_undecided",
    "consent-column/": "consent_column_undeclared",
    "live/": "live_automation",
    "unread-denials": "denials_unread",
    "crm-unknown/": "crm_unknown",
    "crm-opt-outs/": "denials_unread",
    "forget-facts/": "facts_lost",
    "reuse-field/": "topic_field_reused",
    "count-short/": "count_short",
    "shrunk/": "side_shrunk",
    "other-instance/": "other_instance",
    "default-topic/": "default_topic_open",
    "opt-out-sync/": "opt_out_sync_loses",
    "asset-class/": "asset_is_marketing",
    "crm-id/": "crm_id_conflict",
}
"""The finding that a decision settles, by how its id begins."""

BUILDING = {
    "workflow": 60,
    "list": 15,
    "program": 20,
    "ruleset": 120,
    "lifecycle_model": 120,
    "channel": 10,
    "topic": 20,
    "field": 10,
    "owner": 5,
    "email": 30,
    "form": 20,
    "page": 45,
    "template": 60,
    "snippet": 10,
    "image": 1,
    "file": 1,
}
"""Minutes to build one object by hand from its build sheet, by kind or by type of asset."""

PEOPLE = frozenset({"person", "suppressed_address", "account", "opportunity", "list_membership", "consent_fact"})
"""Kinds whose handed objects are records, not things to build."""


@dataclass(frozen=True, slots=True)
class Step:
    """``code`` names the sentence, ``params`` fill it; ``of`` is the kind or finding code that it is about."""

    code: str
    role: str
    minutes: int
    params: dict[str, str | int] = field(default_factory=dict)
    of: str = ""
    link: str = ""


def next_steps(facts: Facts) -> tuple[Step, ...]:
    """The steps in the order in which they should be taken."""
    return tuple(step for source in _SOURCES for step in source(facts))


def total_minutes(steps: tuple[Step, ...]) -> int:
    return sum(step.minutes for step in steps)


def _blocking(facts: Facts) -> Iterator[Step]:
    decided = {_question(one["id"]) for one in facts["decisions_open"]}
    blocking = (one["code"] for one in facts["findings"] if one["severity"] == "block")
    counts = Counter(code for code in blocking if code not in decided)
    for code, n in sorted(counts.items(), key=lambda one: one[0] != "open_sum"):
        role, minutes = BLOCKING.get(code, OTHER)
        yield Step("step_unblock", role, n * minutes, {"n": n}, of=code, link="#findings")


def _question(id: str) -> str:
    return next((code for begin, code in QUESTIONS.items() if id.startswith(begin)), "")


def _decisions(facts: Facts) -> Iterator[Step]:
    for one in (one for one in facts["decisions_open"] if one.get("stops", True)):
        code = _question(one["id"])
        role, minutes = BLOCKING.get(code, ("sponsor", 15))
        yield Step("step_decide", role, minutes, {"id": one["id"]}, of=code, link="#findings" if code else "")


def _unsigned(facts: Facts) -> Iterator[Step]:
    if facts.get("inputs") and not facts["inputs"]["mapping_signed"]:
        yield Step("step_sign_mapping", "marketing_ops", 120, {"file": "mapping.yaml"})


def _apply(facts: Facts) -> Iterator[Step]:
    if facts["state"] == "planned" and facts["plan"]["writes"]:
        yield Step("step_apply", "operator", 30, {"writes": facts["plan"]["writes"]})


def _unverified(facts: Facts) -> Iterator[Step]:
    unverified = (facts.get("census") or {}).get("unverified", 0)
    if unverified:
        yield Step("step_read_again", "operator", 15, {"n": unverified})


def _parked(facts: Facts) -> Iterator[Step]:
    parked = _bucket(facts, "person", "parked")
    if parked:
        yield Step("step_parked", "data_steward", parked * 3, {"n": parked}, link="#kind-person")
    for kind in facts.get("accounts", {}):
        if rejected := _bucket(facts, kind, "rejected"):
            yield Step("step_rejected", "marketing_ops", rejected * 5, {"n": rejected}, of=kind, link=f"#kind-{kind}")


def _addresses(facts: Facts) -> Iterator[Step]:
    handed = _bucket(facts, "suppressed_address", "handed")
    if handed:
        yield Step("step_addresses", "privacy", handed * 3, {"n": handed}, link="#kind-suppressed_address")


def _crm(facts: Facts) -> Iterator[Step]:
    link = (facts.get("effects") or {}).get("crm_link")
    if link and link["sync"] == "paused" and facts["state"] == "loaded":
        made = facts["fields_made"]  # by all runs: the decision stays open until somebody resumes the sync
        if not made:
            yield Step("step_crm_resume", "crm_admin", 60)
            return
        yield Step("step_crm", "crm_admin", 60 + 2 * made, {"n": made})


def _building(facts: Facts) -> Iterator[Step]:
    unsigned = bool(facts.get("inputs")) and not facts["inputs"]["mapping_signed"]
    for sheet in facts.get("build_sheets", ()):
        if unsigned and sheet["kind"] in ("field", "topic"):
            continue  # to sign the mapping is a step of its own
        n = sheet["objects"]
        minutes = sum(BUILDING.get(type, 15) * count for type, count in sheet["types"].items())
        yield Step("step_build", "marketing_ops", minutes, {"n": n}, of=sheet["kind"], link=sheet["page"])


def _check_again(facts: Facts) -> Iterator[Step]:
    if facts["state"] == "loaded" and facts.get("settled_due"):
        yield Step("step_settled", "operator", 10, {"when": facts["settled_due"]})


def _bucket(facts: Facts, kind: str, bucket: str) -> int:
    counts = facts.get("accounts", {}).get(kind, {}).get("buckets", {})
    return int(counts.get(bucket, 0))


_SOURCES = (
    _blocking,
    _decisions,
    _unsigned,
    _apply,
    _unverified,
    _check_again,
    _parked,
    _addresses,
    _crm,
    _building,
)
