"""Tombstones that purges of earlier projects left: whoever of the source has such an address is denied, as those projects knew."""

from collections import Counter
from collections.abc import Iterator, Sequence

from mamigrate.consent import tombstones
from mamigrate.consent.facts import WITHOUT_SCOPE
from mamigrate.contract import NeutralRow
from mamigrate.findings import Severity
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import told, tombs
from mamigrate.stages.move import Move

WHOLE = {
    "erasure": "erasure",
    "complaint": "complaint",
    "objection": "objection",
    "block": "block",
    "org_hold": "org_hold",
    "unparsed": "unparsed",
    tombs.DENIED: "objection",
}
"""Kinds of tombstones that speak of all mail, with the kind of fact that each is now: what the company's own people held, and
what nobody understood, deny too. The others are of a type, a time or a platform, which a tombstone does not tell."""
REFERENCE = "tombstones"


def facts(move: Move, source: Snapshot, filed: Sequence[NeutralRow]) -> list[NeutralRow]:
    """A denial of each address of the source that a tombstone marks. ``filed`` are facts of files, whose addresses count too."""
    _unnamed(move)
    folders = move.project.tombstones()
    if not folders:
        return []
    marked = [(folder, *tombs.of_folder(folder)) for folder in folders]
    found, left = list[NeutralRow](), Counter[str]()
    for loose in _addresses(move, source, filed):
        for number, (_, key, known) in enumerate(marked, 1):
            mark = tombstones.mark(key, loose)
            kinds = known.get(mark, frozenset())
            found += [_fact(number, mark, loose, kind) for kind in sorted({WHOLE[one] for one in kinds & WHOLE.keys()})]
            left.update(["addresses"] if kinds and not kinds & WHOLE.keys() else [])
    _tell(move, found, left["addresses"])
    return found


def _addresses(move: Move, source: Snapshot, filed: Sequence[NeutralRow]) -> Iterator[str]:
    """Every loose address that the source or a file of facts names."""
    known = {str(row["address_loose"]) for row in filed if row["address_loose"]}
    yield from sorted(known)
    yield from (loose for loose in tombs.addresses(move.engine, source) if loose not in known)


def _unnamed(move: Move) -> None:
    """A folder that an earlier run read and that the project file does not name any more blocks, until somebody lets it go."""
    now = {tombs.id_of(tombs.of_folder(folder)[0]) for folder in move.project.tombstones()}
    for id, name in sorted(tombs.noted(move.ledger).items()):
        if id not in now and move.decisions.choice(f"{told.DECISION}{id}") != "accept":
            move.findings.add("tombstones_unnamed", Severity.BLOCK, name, id=id)


def _fact(number: int, mark: str, loose: str, kind: str) -> NeutralRow:
    """Undated: no return that was ever read is certainly later."""
    reference = f"{REFERENCE}/{number}/{mark[:16]}"
    return WITHOUT_SCOPE | {
        "key": f"{reference}/{kind}", "polarity": "-", "kind": kind, "holder": "address", "person_key": None,
        "address_strict": None, "address_loose": loose, "lo": None, "hi": None, "actor": "operator", "proof": 1,
        "source_ref": f"{reference}/{kind}", "raw": kind,
    }  # fmt: skip


def _tell(move: Move, found: Sequence[NeutralRow], left: int) -> None:
    counted = Counter(row["kind"] for row in found)
    params = {"count": str(len({row["address_loose"] for row in found})), "what": ", ".join(sorted(counted)) or "-"}
    params["left"] = str(left)
    severity = Severity.WARN if left else Severity.NOTE
    move.findings.add("tombstones_hold", severity, f"{move.source.name}/address", **params)
