"""A snapshot folder: reading pages into it, resuming after a crash, rebuilding its tables, reading it back.

::

    <id>/manifest.json
         landed/<kind>.ndjson.zst     pages as received
         <kind>/rows.parquet          typed tables
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

import orjson
import pyarrow as pa

from mamigrate import __version__, private
from mamigrate.contract import Content, Landed, NeutralRow
from mamigrate.errors import DamagedSnapshot
from mamigrate.findings import Finding, Findings, Severity
from mamigrate.model.base import EstateObject
from mamigrate.model.estate import ESTATE_MODELS
from mamigrate.model.kinds import Kind
from mamigrate.snapshot import landing, manifest
from mamigrate.snapshot.cipher import Cipher, FileCipher
from mamigrate.snapshot.manifest import Manifest
from mamigrate.snapshot.tables import TableWriter, column

PROBLEMS = "problems.json"

Normalise = Callable[[Kind, Landed], Content]
Derive = Callable[[Content], Content]
"""What the core adds to a page's content on its way into the tables: address keys, facts from blockers."""


class Snapshot:
    """A folder that is being filled or was sealed."""

    def __init__(self, folder: Path, manifest: Manifest, cipher: Cipher | None = None) -> None:
        self.folder, self.manifest, self._cipher = folder, manifest, cipher
        self._landing: dict[Kind, landing.LandingFile] = {}
        self._estate: dict[Kind, list[EstateObject]] = {}
        self.problems = Findings()

    @classmethod
    def begin(
        cls, parent: Path, id: str, connection: str, adapter: str, now: datetime, cipher: Cipher | None = None
    ) -> Self:
        """A new, empty snapshot; encrypted with ``cipher`` where there is one."""
        folder = private.folder(parent / id)
        told = Manifest(tool_version=__version__, id=id, connection=connection, adapter=adapter, began_at=now)
        told.encrypted = cipher.mark(id) if cipher else ""
        made = cls(folder, told, cipher)
        made.manifest.save(folder)
        return made

    @classmethod
    def open(cls, folder: Path, cipher: Cipher | None = None) -> Self:
        """An existing snapshot, encrypted or not. Raises DamagedSnapshot, also where ``cipher`` is not the one it needs."""
        told = manifest.load(folder)
        if told.encrypted and (cipher is None or cipher.mark(told.id) != told.encrypted):
            problem = "it is encrypted with another key" if cipher else "it is encrypted, and no key is configured"
            raise DamagedSnapshot(problem, path=folder, fix="key")
        return cls(folder, told, cipher if told.encrypted else None)

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def sealed(self) -> bool:
        return self.manifest.sealed_at is not None

    # --- filling -------------------------------------------------------------------------------------------------

    def land(self, kind: Kind, landed: Landed, cursor: str | None) -> None:
        """Keep a page. ``cursor`` is where reading goes on; None: the kind is read to its end."""
        file = self._landing.get(kind) or self._open_landing(kind)
        state = self.manifest.of(kind)
        state.landed_bytes = file.add(landed)
        state.pages, state.cursor, state.done = state.pages + 1, cursor, cursor is None

    def land_dependent(self, kind: Kind, landed: Landed) -> None:
        """Keep a page that was asked for people of another page; the kind's own cursor stays where it is."""
        file = self._landing.get(kind) or self._open_landing(kind)
        state = self.manifest.of(kind)
        state.landed_bytes, state.pages = file.add(landed), state.pages + 1

    def keep_rows(self, kind: Kind, batches: Iterable[Sequence[NeutralRow]]) -> None:
        """Fill a kind's table from look-ups, which have no pages of their own."""
        writer = self._writer(kind)
        try:
            for rows in batches:
                writer.add(rows)
        finally:
            writer.close()
        state = self.manifest.of(kind)
        state.rows, state.done = writer.rows, True
        self.manifest.save(self.folder)

    def checkpoint(self) -> None:
        """Make all landed pages durable, then say so in the manifest: a crash later loses nothing before this point."""
        for file in self._landing.values():
            file.sync()
        self.manifest.save(self.folder)

    def finish(self, kind: Kind) -> None:
        """Say that a kind without pages, or with dependent pages only, is read to its end."""
        self.manifest.of(kind).done = True

    def landed(self, kind: Kind) -> Iterator[Landed]:
        path = self._landed_path(kind)
        return landing.read(path, self.cipher_of(path)) if path.exists() else iter(())

    def seal(self, normalise: Normalise, derive: Derive, now: datetime) -> None:
        """Build the tables from the landed pages and close the snapshot."""
        self.close()
        self.build(normalise, derive)
        files = [p for p in self.folder.rglob("*") if p.is_file() and p.name != manifest.NAME]
        self.manifest.hashes = {str(p.relative_to(self.folder)): manifest.sha256(p) for p in sorted(files)}
        self.manifest.sealed_at = now
        self.manifest.save(self.folder)

    def close(self) -> None:
        """Close the files that are being filled; harmless when none is."""
        for file in self._landing.values():
            file.close()
        self._landing = {}

    def build(self, normalise: Normalise, derive: Derive) -> None:
        """Write every table anew from the landed pages."""
        writers: dict[Kind, TableWriter] = {}
        try:
            for kind in list(self.manifest.kinds):
                for page in self.landed(kind):
                    self._tabulate(derive(normalise(kind, page)), writers)
        finally:
            for writer in writers.values():
                writer.close()
            # Arrow keeps what the widest tables took, and nothing later takes as much of it at once.
            pa.default_memory_pool().release_unused()
        for kind, writer in writers.items():
            self.manifest.of(kind).rows = writer.rows
        self._keep_problems()

    def _tabulate(self, content: Content, writers: dict[Kind, TableWriter]) -> None:
        self.problems.extend(content.problems)
        for kind, rows in content.rows.items():
            writer = writers.get(kind) or writers.setdefault(kind, self._writer(kind))
            writer.add(rows)

    # --- reading back --------------------------------------------------------------------------------------------

    def has(self, kind: Kind) -> bool:
        return self.table_path(kind).exists()

    def table_path(self, kind: Kind) -> Path:
        return self.folder / kind.value / "rows.parquet"

    def estate(self, kind: Kind) -> list[EstateObject]:
        """The objects of an estate kind as frozen models; what came twice while pages were read is what came last."""
        if not self.has(kind):
            return []
        if kind not in self._estate:
            self._estate[kind] = self._objects(kind)
        return list(self._estate[kind])

    def _objects(self, kind: Kind) -> list[EstateObject]:
        path = self.table_path(kind)
        bodies = column(path, "body", self.cipher_of(path))
        found = [ESTATE_MODELS[kind].model_validate_json(body) for body in bodies]
        return list({one.key: one for one in found}.values())

    def known_problems(self) -> Sequence[Finding]:
        path = self.folder / PROBLEMS
        found = orjson.loads(self._content(path)) if path.exists() else []
        return [Finding(one["code"], Severity(one["severity"]), one["subject"], one["params"]) for one in found]

    def _keep_problems(self) -> None:
        found = [
            {"code": p.code, "severity": p.severity, "subject": p.subject, "params": p.params} for p in self.problems
        ]
        path, content = self.folder / PROBLEMS, orjson.dumps(found)
        cipher = self.cipher_of(path)
        private.write(path, cipher.frame(content) if cipher else content)

    def _content(self, path: Path) -> bytes:
        cipher = self.cipher_of(path)
        if cipher is None:
            return path.read_bytes()
        with path.open("rb") as file:
            return b"".join(cipher.frames(file, path))

    def cipher_of(self, path: Path) -> FileCipher | None:
        """The key of one of the snapshot's files; None where it is not encrypted."""
        return self._cipher.of_file(self.id, str(path.relative_to(self.folder))) if self._cipher else None

    def _writer(self, kind: Kind) -> TableWriter:
        self._estate.pop(kind, None)
        path = self.table_path(kind)
        return TableWriter(path, kind, self.cipher_of(path))

    def _landed_path(self, kind: Kind) -> Path:
        return self.folder / "landed" / f"{kind.value}.ndjson.zst"

    def _open_landing(self, kind: Kind) -> landing.LandingFile:
        path = self._landed_path(kind)
        file = landing.LandingFile(path, self.manifest.of(kind).landed_bytes, self.cipher_of(path))
        return self._landing.setdefault(kind, file)
