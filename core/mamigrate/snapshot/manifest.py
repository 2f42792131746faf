"""What a snapshot folder says of itself: ``manifest.json``."""

import hashlib
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, Field

from mamigrate import clock, private
from mamigrate.errors import DamagedSnapshot
from mamigrate.model.base import MODEL_VERSION
from mamigrate.model.kinds import Kind

NAME = "manifest.json"


class KindState(BaseModel):
    """How far a kind was read. ``landed_bytes`` is where the confirmed part of the landed file ends.

    ``counted_before`` and ``counted_after`` are the vendor's own counts of living records, taken around the reading; None
    where it tells none.
    """

    pages: int = 0
    rows: int = 0
    landed_bytes: int = 0
    cursor: str | None = None
    done: bool = False
    since: str | None = None
    counted_before: int | None = None
    counted_after: int | None = None


class Manifest(BaseModel):
    """Times are UTC; ``hashes`` are SHA-256 of the files, by path within the folder, written when the snapshot is sealed.

    ``encrypted`` knows the key again with which the files are encrypted; empty: they are not. ``landed_at`` is the wall clock's time when something was last kept, whatever the connection's clock says.
    """

    model_version: str = MODEL_VERSION
    tool_version: str
    id: str
    connection: str
    adapter: str
    instance_id: str = ""
    began_at: datetime
    landed_at: datetime | None = None
    sealed_at: datetime | None = None
    kinds: dict[Kind, KindState] = Field(default_factory=dict)
    hashes: dict[str, str] = Field(default_factory=dict)
    encrypted: str = ""

    def of(self, kind: Kind) -> KindState:
        return self.kinds.setdefault(kind, KindState())

    def save(self, folder: Path) -> None:
        self.landed_at = clock.now()
        private.write(folder / NAME, self.model_dump_json(indent=1).encode())


def load(folder: Path) -> Manifest:
    """Read a manifest. Raises DamagedSnapshot for one that is unreadable or of a newer major model version."""
    path = folder / NAME
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
        newer = int(manifest.model_version.split(".")[0]) > int(MODEL_VERSION.split(".")[0])
    except (OSError, ValueError) as error:
        raise DamagedSnapshot("the manifest cannot be read", path=path, fix="read_again") from error
    if newer:
        raise DamagedSnapshot(f"written by a newer model ({manifest.model_version})", path=path, fix="upgrade")
    return manifest


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
