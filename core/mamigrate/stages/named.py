"""Everything that a proof follows from, by name and hash: whoever has the files knows whether they are the same ones."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mamigrate.reports import mask
from mamigrate.settings.project import NAME
from mamigrate.snapshot import manifest
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import told
from mamigrate.stages.move import Move


def inputs(move: Move, mapping: str, *snapshots: Snapshot, unmask: bool) -> dict[str, Any]:
    """``files`` are (name, SHA-256): the project with its packs and rules, files of facts, manifests, which name every file of a
    snapshot with its hash. ``packs`` are those of the project, ``version`` tells any change of their data.
    """
    section = move.project.file.consent
    return {
        "mapping": mapping,
        "decisions": move.decisions.digest,
        "files": [
            {"name": name if unmask else mask.addresses(name), "sha256": digest}
            for name, digest in _files(move, snapshots)
        ],
        "packs": [{"name": p.name, "version": p.version, "reviewed": p.reviewed} for p in section.regime.all],
        "default_regime": section.default_regime,
        "basis": [rule.model_dump(mode="json") for rule in section.basis],
        "signed": section.signed,
    }


def _files(move: Move, snapshots: tuple[Snapshot, ...]) -> Iterator[tuple[str, str]]:
    project = move.project.folder / NAME
    if project.is_file():
        yield NAME, _digest(project)
    for path in move.project.facts_files(move.more_facts):
        yield path.name, _digest(path)
    yield from told.held(move)
    for one in snapshots:
        yield f"{one.id}/{manifest.NAME}", _digest(one.folder / manifest.NAME)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
