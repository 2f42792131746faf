"""The run's report: facts gathered from the ledger, the plan and the census, written as JSON and HTML."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mamigrate import __version__, clock
from mamigrate.consent.proof.judged import PASS, Proof, worst
from mamigrate.contract import Counter as IndependentCounter
from mamigrate.findings import Finding
from mamigrate.ledger.tables import Account
from mamigrate.model.base import MODEL_VERSION
from mamigrate.model.kinds import ESTATE, Kind
from mamigrate.plan.model import NEW_FIELD, ONLY_DENIAL, Bucket
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.reports import account_rows, beside, build_sheet, language, mask, questions
from mamigrate.settings import decisions
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import archive, counts, forecast, naming, pushes
from mamigrate.stages.account import number
from mamigrate.stages.move import Move
from mamigrate.stages.plan import calls
from mamigrate.stages.prepare import own_fields
from mamigrate.stages.reach import Reach, proven, reach

if TYPE_CHECKING:
    from mamigrate.stages.run import Done, Thought


SETTLED = timedelta(hours=24)
"""When a census can be taken again: vendors write some denials with delay."""


def report(move: Move, done: "Done | None", lang: str | None, *, unmask: bool = False) -> tuple[Path, bytes]:
    """Write ``run.html``, ``run.json`` and the files beside them; return the page's path and the JSON."""
    folder = move.project.reports(move.run_id)
    rows = account_rows.write(folder, _rows(move, done), unmask=unmask)
    if done:
        naming.name(move, done.thought.source, rows, unmask=unmask)
    estate = {kind: done.thought.source.estate(kind) for kind in ESTATE} if done else {}
    sheets = build_sheet.sheets(estate, beside.handed(rows), unmask=unmask)
    facts = gather(move, done, unmask=unmask) | beside.index(rows, sheets)
    facts["reasons"] += _of_facts(facts)
    opens_in = language.choose(lang, move.project.file.project.lang, os.environ)
    content = beside.write(folder, facts, sheets, opens_in, (move.source.adapter.name, move.target.adapter.name))
    return folder / "run.html", content


def _of_facts(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Why consent facts ended where they did: the ledger holds sums of them only."""
    told = facts.get("accounts", {}).get(Kind.CONSENT_FACT, {}).pop("because", ())
    common = {"kind": Kind.CONSENT_FACT.value, "rows": []}
    return [{**common, "bucket": bucket, "reason": reason, "objects": n} for bucket, reason, n in told]


def gather(move: Move, done: "Done | None", *, unmask: bool = False) -> dict[str, Any]:
    """Everything the report says, as plain values. ``done`` None: the run stopped before it had a plan."""
    thought = done.thought if done else None
    census = done.census if done else None
    found = reach(thought.people, thought.causes, census) if thought is not None else None
    # Before the findings are listed: what nobody can explain is one of them.
    explained = proven(move, found) if found is not None else PASS
    facts: dict[str, Any] = {
        "report": "run",
        "run": move.run_id,
        "version": __version__,
        "project": move.project.file.project.name or move.project.folder.name,
        "source": {"name": move.source.name, "title": move.source.adapter.title},
        "target": {"name": move.target.name, "title": move.target.adapter.title},
        "state": _state(move, done),
        "consent": worst([done.verdict, explained]) if done and done.verdict else _unread(move),
        "masked": not unmask,
        "findings": [finding_facts(found if unmask else mask.finding(found)) for found in move.findings],
        "decisions": [
            one.model_dump(mode="json", exclude_none=True) for one in decisions.load(move.project.decisions_path)
        ],
        "quota": _quota(move),
        "effects": _effects(move),
    }
    facts["decisions_open"] = questions.waiting(facts, move.asked)
    facts |= _run(move, done)
    if done is not None and thought is not None and found is not None:
        facts |= _planned(move, done)
        if census is not None:
            facts["accounts"] = done.accounts if done else {}
            facts["census"] = _census(census)
            facts["proof"] = proof_facts(done.proof, unmask=unmask) if done.proof else None
        facts["reach"] = _reach(thought, found, census)
        if thought.programs.recipes is not None:
            facts["programs"] = {"members": thought.plan.programs, "attribution": list(done.attribution)}
    return facts


def _run(move: Move, done: "Done | None") -> dict[str, Any]:
    """When and how, in words that run it again."""
    run = move.ledger.run(move.run_id)
    ended = run.ended_at or clock.now() if run else clock.now()
    ended = ended if ended.tzinfo else ended.replace(tzinfo=UTC)
    return {
        "command": move.command,
        "model_version": MODEL_VERSION,
        "time_zone": move.project.file.project.time_zone,
        "began_at": run.began_at.replace(tzinfo=UTC).isoformat() if run else None,
        "ended_at": ended.isoformat(),
        "settled_due": (ended + SETTLED).isoformat() if done and done.census else None,
        "signer": move.project.signer,
    }


def _effects(move: Move) -> dict[str, Any]:
    """What was sent to the target, by kind, and what was declared about things that react to it."""
    sent = move.ledger.sent(move.run_id)
    made = decisions.load(move.project.decisions_path)
    link = move.project.file.crm_link
    return {
        "sent": [{"kind": kind, "calls": sent[kind][0], "records": sent[kind][1]} for kind in Kind if kind in sent],
        "live_accepted": [one.id for one in made if one.id.startswith("live/") and one.choice == "accept"],
        "crm_link": link.model_dump(mode="json") if link else None,
        "crm_pushes": pushes.as_facts(move),
    }


def _rows(move: Move, done: "Done | None") -> Iterable[Account]:
    """Where objects ended: from the ledger once something was written, else from the plan."""
    if done is None:
        return ()
    if done.census is None:
        return account_rows.from_changes(done.thought.plan.folder / "changes.parquet", move.run_id)
    return move.ledger.accounts(move.run_id)


def _state(move: Move, done: "Done | None") -> str:
    if move.findings.blocking:
        return "blocked" if done is None or done.census is None else "failed"
    return "planned" if done is None or done.census is None else "loaded"


def _unread(move: Move) -> str | None:
    """The verdict of a run that wrote nothing: a source of denials that was not read leaves it open."""
    return "INCOMPLETE" if any(found.code == "denials_unread" for found in move.findings) else None


def finding_facts(found: Finding) -> dict[str, Any]:
    return {"code": found.code, "severity": found.severity.value, "subject": found.subject, "params": found.params}


def _quota(move: Move) -> list[dict[str, Any]]:
    return [
        {"connection": q.connection, "name": q.name, "used": q.used, "limit": q.quota_limit}
        for q in move.ledger.quotas(move.run_id)
    ]


def _planned(move: Move, done: "Done") -> dict[str, Any]:
    thought = done.thought
    plan, source = thought.plan, thought.source
    return {
        "plan": {
            "id": plan.id,
            "digest": plan.digest,
            "calls": calls(move, plan),
            "history": plan.history,
            "forecast": plan.forecast,
            "took": forecast.actual(move, plan.forecast) if done.census else {},
            "writes": plan.writes,
            "counts": plan.counts,
        },
        "inputs": {
            "mapping": thought.prepared.digest,
            "mapping_signed": thought.prepared.mapping.signed.who if thought.prepared.mapping.signed else None,
            "mapping_signed_at": str(thought.prepared.mapping.signed.when) if thought.prepared.mapping.signed else None,
            "decisions": move.decisions.digest,
            "source_snapshot": source.id,
            "target_snapshot": thought.target.id,
        },
        "read": {kind.value: number(move, source, kind) for kind in source.manifest.kinds},
        "read_archived": {kind.value: n for kind, n in counts.archived(move, source).items()},
        "not_read": [kind.value for kind in Kind if kind not in source.manifest.kinds],
        **_independent(move, source),
        "people": {
            "contracted": move.target.connection.contracted_people,
            "new": sum(_new_people(move, done)),
            "new_addresses": _new_people(move, done)[1],
            "new_refused": _refused(move, Kind.PERSON) if done.census else 0,
            "there": _there(move),
        },
        "lost_values": [{"kind": k, "field": f, "code": c, "values": n} for (k, f, c), n in plan.lost.most_common()],
        "kept_values": [{"field": f, "values": n} for f, n in plan.kept.most_common()],
        "company_values": [{"field": f, "values": n} for f, n in plan.shown.most_common()],
        "created_fields": _created_fields(move, thought, written=done.census is not None),
        "fields_made": len(move.ledger.ids(*move.direction, NEW_FIELD)),
        "personal_data": {
            "folder": str(move.project.private),
            "snapshots": [source.id, thought.target.id],
            "archive": bool(archive.begun(move.project)),
        },
    }


def _new_people(move: Move, done: "Done") -> tuple[int, int]:
    """People and denied addresses that this run added to the target; before it has written, that it would add."""
    kinds = (Kind.PERSON, SUPPRESSED)
    if done.census is None:
        people, addresses = (done.thought.plan.number(kind, Bucket.CREATED) for kind in kinds)
    else:
        buckets = (done.accounts.get(kind, {}).get("buckets", {}) for kind in kinds)
        created = (found.get(Bucket.CREATED, 0) for found in buckets)
        people, addresses = (n + _refused(move, kind) for n, kind in zip(created, kinds, strict=True))
    return people, addresses


def _refused(move: Move, kind: str) -> int:
    """Of whom the target took the denial alone, in a new record."""
    return sum(n for of, _, reason, n in move.ledger.reasons(move.run_id) if (of, reason) == (kind, ONLY_DENIAL))


def _created_fields(move: Move, thought: "Thought", *, written: bool) -> list[dict[str, Any]]:
    """Fields that this run made on the target, or would make. ``own``: not for a field of the source."""
    mapping = thought.prepared.mapping
    own = [*own_fields(move), *(rule.create for rule in mapping.topics if rule.create)]
    every = [*own, *(rule.create for rule in mapping.person if rule.create)]
    made = [a for a in move.ledger.accounts(move.run_id, NEW_FIELD) if a.bucket != Bucket.REJECTED]
    names = {one.source_key for one in made} if written else {new.name for new in thought.prepared.missing}
    return [
        {"name": new.name, "label": new.label, "type": new.type.value, "own": new in own}
        for new in every
        if new.name in names
    ]


def _there(move: Move) -> int | None:
    """People on the target now, where it tells."""
    counter = move.target.instance
    return counter.count(Kind.PERSON) if isinstance(counter, IndependentCounter) else None


def _independent(move: Move, source: Snapshot) -> dict[str, Any]:
    """Counts of the source by another endpoint, before and after what they count was read."""
    if not isinstance(move.source.instance, IndependentCounter):
        return {"independent": {}, "independent_before": {}}
    states = {kind.value: source.manifest.of(kind) for kind in counts.COUNTED}
    after = {kind: state.counted_after for kind, state in states.items()}
    return {
        "independent": {**after, Kind.ACTIVITY.value: move.source.instance.count(Kind.ACTIVITY)},
        "independent_before": {kind: state.counted_before for kind, state in states.items()},
    }


def _census(census: Any) -> dict[str, Any]:
    matrix: Counter[tuple[bool, bool]] = census.matrix
    return {
        "verdict": census.verdict,
        "allowed_and_mailable": matrix[(True, True)],
        "allowed_not_mailable": matrix[(True, False)],
        "allowed_without_address": matrix[(True, False)] - census.denied_by_target,
        "allowed_denied_there": census.denied_by_target,
        "denied_not_mailable": matrix[(False, False)],
        "denied_but_mailable": matrix[(False, True)],
        "suppressed_addresses": census.suppressed,
        "unverified": len(census.unverified),
        "topic_denials_lost": len(census.topics_lost),
        "doubled": len(census.doubled),
        "not_on_target": census.people_absent + census.addresses_absent,
        "people_absent": census.people_absent,
        "parked_there": census.parked_there,
        "refused_there": census.refused_there,
        "addresses_absent": census.addresses_absent,
    }


def proof_facts(proof: Proof, *, unmask: bool) -> dict[str, Any]:
    """Every statement with its counts, and the evidence with the head of its chain."""
    told = [asdict(one) for one in proof.statements]
    for one in told:
        one["rows"] = list(one["rows"] if unmask else map(mask.reference, one["rows"]))
    return {"verdict": proof.verdict, "settled": proof.settled, "statements": told, "evidence": asdict(proof.evidence)}


def _reach(thought: "Thought", found: Reach, census: Any) -> dict[str, Any]:
    steps = [{"cause": cause, "people": people} for cause, people in found.steps]
    labels = {one.api_name: one.name for one in thought.prepared.source_fields if one.holder is Kind.PERSON}
    kept = [
        {"cause": cause, "field": field, "label": labels.get(field, ""), "people": people}
        for cause, field, people in found.kept
    ]
    return {
        "before": found.before,
        "after": found.after,
        "newly_reachable": None if census is None else found.newly,
        "steps": steps,
        "unexplained": found.unexplained,
        "people": found.people,
        "kept": kept,
    }
