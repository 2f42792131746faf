"""A run that findings stopped before it wrote, and whether what it had read of the source serves the run after it.

It does where a person's decision or hand put right what stopped it. What may have been put right on the source itself is
read again.
"""

from collections.abc import Sequence

from mamigrate.findings import Finding, Severity
from mamigrate.ledger.tables import Run
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.move import Move

DECIDED = frozenset(
    {
        "irreversible_undecided",
        "law_holds_undecided",
        "decision_refused",
        "consent_column_undeclared",
        "live_automation",
        "crm_link_undecided",
        "facts_lost",
        "tombstones_unnamed",
        "topic_field_reused",
        "member_fields_undecided",
        "program_sends",
    }
)
"""Findings that nothing on the source ends."""
RECIPES = "recipe_"
"""How findings about program recipes begin: their file is put right by hand."""


def halted(move: Move, runs: Sequence[Run], writing: Sequence[str]) -> Run | None:
    """The newest run of this direction that could write (one of ``writing``), where what it had read serves now."""
    own = (run for run in runs if (run.source, run.target) == move.direction and run.command in writing)
    latest = next(own, None)
    if latest is None or (latest.command, latest.status) != ("run", "blocked") or not _people_read(move, latest):
        return None
    by_mapping = latest.stage == "extract"  # Nothing else is held against what was read by then.
    return latest if by_mapping or all(_put_right(move, one) for one in _blocking(move, latest)) else None


def _people_read(move: Move, run: Run) -> bool:
    folder = move.project.snapshots / run.source_snapshot
    if not (run.source_snapshot and folder.exists()):
        return False
    return bool(Snapshot.open(folder, move.project.cipher).manifest.of(Kind.PERSON).rows)


def _blocking(move: Move, run: Run) -> list[Finding]:
    return [one for one in move.ledger.findings(run.id) if one.severity is Severity.BLOCK]


def _put_right(move: Move, found: Finding) -> bool:
    """Whether what blocked hangs on no reading of the source, as far as anybody can tell from here."""
    if found.code == "denials_unread":
        own = move.decisions.choice(found.params.get("id", ""))
        return "accept" in (own, move.decisions.choice("unread-denials"))
    if found.code == "contract_exceeded":
        return found.params.get("limit") != str(move.target.connection.contracted_people)
    return found.code in DECIDED or found.code.startswith(RECIPES)
