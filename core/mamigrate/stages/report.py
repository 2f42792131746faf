"""The run's report: facts gathered from the ledger, the plan and the census, written as JSON and HTML."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import orjson

from mamigrate import __version__, private
from mamigrate.contract import Counter as IndependentCounter
from mamigrate.findings import Finding
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import Bucket
from mamigrate.plan.people import SUPPRESSED
from mamigrate.reports import render
from mamigrate.stages.apply import NEW_FIELD
from mamigrate.stages.move import Move
from mamigrate.stages.plan import calls
from mamigrate.stages.reach import reach

if TYPE_CHECKING:
    from mamigrate.stages.run import Done, Thought


def report(move: Move, done: "Done | None", lang: str | None) -> tuple[Path, bytes]:
    """Write ``run.html`` and ``run.json`` and return the page's path and the JSON."""
    folder = move.project.reports(move.run_id)
    facts = gather(move, done)
    content = orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    private.write(folder / "run.json", content)
    adapters = (move.source.adapter.name, move.target.adapter.name)
    page = render.run_page(facts, lang or move.project.file.project.lang, adapters)
    private.write(folder / "run.html", page.encode())
    return folder / "run.html", content


def gather(move: Move, done: "Done | None") -> dict[str, Any]:
    """Everything the report says, as plain values. ``done`` None: the run stopped before it had a plan."""
    thought = done.thought if done else None
    census = done.census if done else None
    facts: dict[str, Any] = {
        "report": "run",
        "run": move.run_id,
        "version": __version__,
        "project": move.project.file.project.name or move.project.folder.name,
        "source": {"name": move.source.name, "title": move.source.adapter.title},
        "target": {"name": move.target.name, "title": move.target.adapter.title},
        "state": _state(move, done),
        "consent": census.verdict if census else _unread(move),
        "findings": [_finding(found) for found in move.findings],
        "decisions_open": [] if move.project.signer else [{"id": id, "safe": safe} for id, safe in move.asked.items()],
        "decisions": [one.model_dump(mode="json") for one in move.decisions],
        "quota": _quota(move),
    }
    if thought is not None:
        facts |= _planned(move, thought)
        if census is not None:
            facts["accounts"] = accounts(move, thought)
            facts["reasons"] = [
                {"kind": k, "bucket": b, "reason": r, "objects": n} for k, b, r, n in move.ledger.reasons(move.run_id)
            ]
            facts["census"] = _census(census)
        facts["reach"] = _reach(thought, census)
    return facts


def _state(move: Move, done: "Done | None") -> str:
    if move.findings.blocking:
        return "blocked" if done is None or done.census is None else "failed"
    return "planned" if done is None or done.census is None else "loaded"


def _unread(move: Move) -> str | None:
    """The verdict of a run that wrote nothing: a source of denials that was not read leaves it open."""
    return "INCOMPLETE" if any(found.code == "denials_unread" for found in move.findings) else None


def _finding(found: Finding) -> dict[str, Any]:
    return {"code": found.code, "severity": found.severity.value, "subject": found.subject, "params": found.params}


def _quota(move: Move) -> list[dict[str, Any]]:
    return [
        {"connection": q.connection, "name": q.name, "used": q.used, "limit": q.quota_limit}
        for q in move.ledger.quotas(move.run_id)
    ]


def _planned(move: Move, thought: "Thought") -> dict[str, Any]:
    plan, source = thought.plan, thought.source
    return {
        "plan": {
            "id": plan.id,
            "digest": plan.digest,
            "calls": calls(move, plan),
            "writes": plan.writes,
            "counts": plan.counts,
        },
        "inputs": {
            "mapping": thought.prepared.digest,
            "mapping_signed": thought.prepared.mapping.signed.who if thought.prepared.mapping.signed else None,
            "decisions": move.decisions.digest,
            "source_snapshot": source.id,
            "target_snapshot": thought.target.id,
        },
        "read": {kind.value: state.rows for kind, state in source.manifest.kinds.items()},
        "independent": _independent(move),
        "people": {"contracted": move.target.connection.contracted_people, "new": plan.new_people},
        "lost_values": [{"kind": k, "field": f, "code": c, "values": n} for (k, f, c), n in plan.lost.most_common()],
        "kept_values": [{"field": f, "values": n} for f, n in plan.kept.most_common()],
        "created_fields": [
            {"name": new.name, "label": new.label, "type": new.type.value} for new in thought.prepared.missing
        ],
        "personal_data": {"folder": str(move.project.private), "snapshots": [source.id, thought.target.id]},
    }


def _independent(move: Move) -> dict[str, int | None]:
    """Counts of the source from another endpoint than the one that was read."""
    if not isinstance(move.source.instance, IndependentCounter):
        return {}
    kinds = (Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY, Kind.ACTIVITY)
    return {kind.value: move.source.instance.count(kind) for kind in kinds}


def accounts(move: Move, thought: "Thought") -> dict[str, dict[str, Any]]:
    """By kind: objects read, objects in each bucket, and whether the sums close."""
    sums = move.ledger.sums(move.run_id)
    sums.pop(NEW_FIELD, None)
    sums[Kind.CONSENT_FACT] = _facts(move, thought)
    read = {kind.value: state.rows for kind, state in thought.source.manifest.kinds.items()}
    read[SUPPRESSED] = sum(sums.get(SUPPRESSED, {}).values())
    read[Kind.CONSENT_FACT] = int(move.engine.one(thought.people.facts.agg(n=ibis._.count()))["n"])
    kinds = [kind for kind in read if read[kind] or kind in sums]
    return {
        kind: {
            "read": read[kind],
            "buckets": sums.get(kind, {}),
            "closed": sum(sums.get(kind, {}).values()) == read[kind],
        }
        for kind in kinds
    }


def _facts(move: Move, thought: "Thought") -> dict[str, int]:
    """Where each consent fact ended: with its holder, or left behind as evidence."""
    facts, people = thought.people.facts, thought.people
    fates = people.clusters.join(people.matched.select(winner="key", why="parked"), "winner").select(
        "person_key", "why"
    )
    parked = fates.filter(fates.why != "").select(parked_key="person_key").distinct()
    joined = facts.left_join(parked, facts.person_key == parked.parked_key)
    denies = joined.polarity == "-"
    bucket = ibis.cases(
        (denies & joined.parked_key.notnull(), Bucket.PARKED.value),
        (denies, Bucket.CREATED.value),
        else_=Bucket.LEFT.value,
    )
    rows = move.engine.rows(joined.mutate(bucket=bucket).group_by("bucket").agg(n=ibis._.count()))
    return {row["bucket"]: int(row["n"]) for row in rows}


def _census(census: Any) -> dict[str, Any]:
    matrix: Counter[tuple[bool, bool]] = census.matrix
    return {
        "verdict": census.verdict,
        "allowed_and_mailable": matrix[(True, True)],
        "allowed_not_mailable": matrix[(True, False)],
        "denied_not_mailable": matrix[(False, False)],
        "denied_but_mailable": matrix[(False, True)],
        "suppressed_addresses": census.suppressed,
        "unverified": len(census.unverified),
        "topic_denials_lost": len(census.topics_lost),
        "doubled": len(census.doubled),
        "not_on_target": census.not_on_target,
    }


def _reach(thought: "Thought", census: Any) -> dict[str, Any]:
    found = reach(thought.people, census)
    steps = [{"cause": cause, "people": people} for cause, people in found.steps]
    return {
        "before": found.before,
        "after": found.after,
        "newly_reachable": found.newly,
        "steps": steps,
        "unexplained": found.unexplained,
    }
