"""Facts that no page of the source brought: from files, of tombstones, and of the addresses inside texts that are none."""

from collections.abc import Iterator

from mamigrate.consent import files, inside
from mamigrate.contract import NeutralRow
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import buried, people, told
from mamigrate.stages.move import Move
from mamigrate.stages.prepare import Prepared


def facts(move: Move, prepared: Prepared, source: Snapshot) -> list[NeutralRow]:
    """All of them. What is wrong with the files is a finding; how many facts they hold is noted in the move."""
    filed = _filed(move, prepared)
    move.filed = len(filed)
    marked = buried.facts(move, source, filed)
    move.buried = len(marked)
    return [*filed, *marked, *_inside(move, source)]


def _filed(move: Move, prepared: Prepared) -> list[NeutralRow]:
    known = {topic.key for topic in prepared.topics}
    rows: list[NeutralRow] = []
    for path in move.project.facts_files(move.more_facts):
        content = files.widened(files.read(path), known)
        rows.extend(content.rows[Kind.CONSENT_FACT])
        move.findings.extend(content.problems)
    move.filed_by_crm = sum(files.of_crm(row) for row in rows)
    rows += told.hold(move, rows, known)
    return rows


def _inside(move: Move, source: Snapshot) -> Iterator[NeutralRow]:
    unplain = inside.unplain(move.engine.table(source, Kind.CONSENT_FACT))
    for batch in move.engine.batches(unplain.order_by("key"), people.ROWS):
        yield from inside.denials(batch)
