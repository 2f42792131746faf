"""The page about one person: what the source has, whether each fact counts, what was planned, what the target holds, what is lost.

It shows the person in clear, lies beside the report of the run, and its name tells nobody whose it is.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mamigrate import __version__, clock, private
from mamigrate.consent import address
from mamigrate.errors import UsageError
from mamigrate.findings import Finding
from mamigrate.model.base import MODEL_VERSION
from mamigrate.reports import language, render
from mamigrate.stages import fate, person, there
from mamigrate.stages.move import Move
from mamigrate.stages.person import Person
from mamigrate.stages.reopen import OPTION, Judged
from mamigrate.stages.run import Thought

Row = dict[str, Any]
NOBODY = "this is no address, and nobody has it for one: name one address alone, without a name around it"


def loose(text: str) -> str:
    """What an address is looked for by. Raises UsageError where there is none; it is not repeated."""
    known = address.keys(text).loose
    if known is None:
        raise UsageError("name an address", where=OPTION)
    return known


def require(text: str) -> None:
    """For a text that nobody has, and that nothing is about. Raises UsageError where it is no address; it is not repeated."""
    if not address.keys(text).valid:
        raise UsageError(NOBODY, where=OPTION)


def of_thought(move: Move, thought: Thought) -> Judged:
    """What the run that is under way judged."""
    run = move.ledger.run(move.run_id)
    assert run is not None
    parts = (thought.prepared, thought.source, thought.target, thought.people, thought.causes)
    return Judged(move, run, *parts, thought.plan.folder)


@dataclass(frozen=True, slots=True)
class Written:
    """``trouble``: why the target was not asked, in a word; empty: it was."""

    path: Path
    target: str
    trouble: str


def page(judged: Judged, text: str, findings: Iterable[Finding], lang: str | None) -> Written:
    """Write the page and its JSON, both private."""
    move = judged.move
    facts = orjson.loads(orjson.dumps(gather(judged, text, findings)))
    folder, name = move.project.reports(judged.run.id), f"who-{move.project.pseudonym(loose(text))}"
    opens_in = language.choose(lang, move.project.file.project.lang, os.environ)
    made = render.who_page(facts, opens_in, (move.source.adapter.name, move.target.adapter.name))
    private.write(folder / f"{name}.json", orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    private.write(folder / f"{name}.html", made.encode(errors="backslashreplace"))
    return Written(folder / f"{name}.html", move.target.name, facts["target_asked"]["trouble"])


def gather(judged: Judged, text: str, findings: Iterable[Finding]) -> Row:
    """Everything that the page says, as plain values. Raises UsageError for what is no address, and nobody has for one."""
    found = person.find(judged, loose(text))
    records, facts = person.records(judged, found, text), person.facts(judged, found)
    told = fate.planned(judged, found)
    ended, ids = fate.outcomes(judged, told), fate.ids(judged, told)
    keys = {one["target_key"] for one in (*told, *ended, *ids)} - {"", None}
    target, asked = there.there(judged, found, sorted(keys))
    standing = person.standing(found, facts, loose(text))
    if standing == person.UNKNOWN and not target:
        require(text)
    return {
        **_run(judged),
        "address": text,
        "found": standing,
        "records": records,
        "facts": facts,
        "holds": person.holds(judged, found),
        "people": person.verdicts(judged, found),
        "planned": told,
        "target_records": target,
        "target_asked": asked,
        "outcomes": ended,
        "ids": ids,
        "belongings": fate.belongings(judged, found, records),
        "lost": fate.lost(judged, found, told, facts),
        "findings": list(_findings(judged, found, facts, told, findings)),
    }


def _run(judged: Judged) -> Row:
    """Which run this is about, and what of its inputs is not what it was."""
    move, run = judged.move, judged.run
    return {
        "report": "who",
        "run": run.id,
        "run_command": run.command,
        "run_status": run.status,
        "wrote": move.ledger.wrote(run.id),
        "plan": judged.plan.name,
        "version": __version__,
        "model_version": MODEL_VERSION,
        "project": move.project.file.project.name or move.project.folder.name,
        "time_zone": move.project.file.project.time_zone,
        "source": {"name": move.source.name, "title": move.source.adapter.title},
        "target": {"name": move.target.name, "title": move.target.adapter.title},
        "source_snapshot": judged.source.id,
        "target_snapshot": judged.target.id,
        "read_at": judged.source.manifest.began_at,
        "made_at": clock.now(),
        "changed": list(judged.changed),
    }


def _findings(
    judged: Judged, found: Person, facts: Sequence[Row], told: Sequence[Row], findings: Iterable[Finding]
) -> Iterator[Row]:
    """Those about one of the records, one of the facts, or what was planned of them."""
    sides = (judged.move.source.name, judged.move.target.name)
    about = {f"{side}/person/{key}" for side in sides for key in (*found.few.keys, *(one["key"] for one in told))}
    about |= {f"{side}/{one['kind']}/{one['key']}" for side in sides for one in told}
    about |= {"/".join(fact["source_ref"].split("/")[:3]) for fact in facts if fact["from_file"]}
    for one in findings:
        if one.subject in about:
            yield {"code": one.code, "severity": one.severity.value, "subject": one.subject, "params": one.params}
