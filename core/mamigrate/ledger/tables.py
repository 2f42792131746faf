"""The ledger's tables. Declared in SQLModel, written with SQLAlchemy Core (``merge`` is slower than the vendors' quotas)."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

KEYED = {"sqlite_with_rowid": False}
"""Narrow rows that are written by their key, thousands a batch: SQLite then keeps them in one tree instead of two."""


class Meta(SQLModel, table=True):
    """``schema`` and the like."""

    name: str = Field(primary_key=True)
    value: str


class Run(SQLModel, table=True):
    """One ``run``, ``plan``, ``apply``, ``rollback`` or ``purge``; the last has no direction.

    ``status``: running, done, blocked, stopped, interrupted, replaced, abandoned.
    """

    id: str = Field(primary_key=True)
    command: str
    source: str
    target: str
    status: str
    began_at: datetime
    ended_at: datetime | None = None
    stage: str = ""
    plan_id: str = ""
    source_snapshot: str = ""
    target_snapshot: str = ""
    tool_version: str = ""
    exit_code: int | None = None


class RunInput(SQLModel, table=True):
    """What a run was asked for and derived from, by name: flags as they are, files as hashes."""

    run_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: str


MERGED = "merged"
"""How a source record came to its target record that became one with the record which is written there."""


class IdMap(NamedTuple):
    """A row of the id map: thousands a batch, so a tuple. Which target record a source object became.

    ``made``: ``created`` by us (a rollback deletes it), ``adopted`` (it was there before: a rollback restores it), FOUND (restored
    as well), MERGED.
    ``payload_hash`` is of the canonical values last written.
    """

    source: str
    target: str
    kind: str
    source_key: str
    target_key: str
    made: str
    payload_hash: str
    run_id: str
    undone: bool = False


class IdMapTable(SQLModel, table=True):
    """Where ``IdMap`` rows are kept."""

    __tablename__ = "idmap"
    __table_args__ = KEYED

    source: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    source_key: str = Field(primary_key=True)
    target_key: str = Field(index=True)
    made: str
    payload_hash: str
    run_id: str
    undone: bool = False


class Batch(SQLModel, table=True):
    """A batch of writes: noted before it is sent, closed after. ``state``: intent, done, maybe.

    ``items`` is JSON: for each record source key, target key, payload hash, what stood there before and what replaced it.
    """

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(index=True)
    plan_id: str = Field(index=True)
    phase: str
    kind: str
    state: str = Field(index=True)
    began_at: datetime
    items: bytes = Field(sa_type=LargeBinary)
    outcomes: bytes | None = Field(default=None, sa_type=LargeBinary)


class Account(NamedTuple):
    """Where a source object ended: exactly one bucket. ``reason`` is a short word, ``detail`` what it is about."""

    run_id: str
    kind: str
    source_key: str
    bucket: str
    reason: str = ""
    detail: str = ""
    target_key: str = ""


class AccountTable(SQLModel, table=True):
    """Where ``Account`` rows are kept."""

    __tablename__ = "account"
    __table_args__ = KEYED

    run_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    source_key: str = Field(primary_key=True)
    bucket: str
    reason: str = ""
    detail: str = ""
    target_key: str = ""


class Evidence(SQLModel, table=True):
    """The file of a run's consent records, how many there are, and the hash of the last. ``digest`` is of the facts alone."""

    run_id: str = Field(primary_key=True)
    source: str
    target: str
    file: str
    rows: int
    head: str
    digest: str


class Derivations(SQLModel, table=True):
    """The file that says why each cell was open after a run, what stands in it, and the consent records that it rests on."""

    run_id: str = Field(primary_key=True)
    file: str
    evidence: str
    rows: int
    head: str
    cells: int
    digest: str


class FindingRow(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(index=True)
    code: str
    severity: str
    subject: str
    params: str


class QuotaUse(SQLModel, table=True):
    """What a connection said of its quotas, at the beginning and the end of a run."""

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(index=True)
    connection: str
    name: str
    used: int
    quota_limit: int
    at: datetime


class Tally(SQLModel, table=True):
    """What a purge leaves of the accounts of a run: how many objects of a kind ended in a bucket. It names nobody."""

    __table_args__ = KEYED

    run_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    bucket: str = Field(primary_key=True)
    objects: int


class Purge(SQLModel, table=True):
    """What a purge found before it destroyed anything (``found``, JSON), who asked for it, and what it told (a hash).

    ``ended_at`` None: it did not come to its end. ``marked``: what was known of denials stands in the tombstones.
    """

    run_id: str = Field(primary_key=True)
    who: str
    machine: str
    began_at: datetime
    ended_at: datetime | None = None
    marked: bool = False
    found: bytes = Field(sa_type=LargeBinary)
    statement: str = ""


class Watermark(SQLModel, table=True):
    """How far the denials of ``side`` were carried to ``other``. It moves past confirmed work only.

    ``until`` is in the time of ``side``, ``seen_at`` in ours: when the reading began that confirmed it.
    """

    side: str = Field(primary_key=True)
    other: str = Field(primary_key=True)
    until: datetime
    seen_at: datetime
    run_id: str


class LateDenial(SQLModel, table=True):
    """A denial of ``side`` that was written to ``other`` and read back there.

    ``subject`` is a record or an address of ``other``, ``what`` the field or the topic that was closed. ``happened_at`` is in
    the time of ``side``, None where it does not tell; ``observed_at`` the earliest that a pass could have known of it.
    """

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(index=True)
    side: str = Field(index=True)
    other: str
    subject: str
    what: str
    kind: str
    happened_at: datetime | None = None
    observed_at: datetime | None = None
    seen_at: datetime
    effective_at: datetime


class UnplacedDenial(SQLModel, table=True):
    """A denial of ``side`` that ``other`` did not get, and why (``fate``). ``source`` is the reference that tells it.

    One that waits is kept as it was first told. ``settled_at``: it was placed since, or is not said any more.
    """

    side: str = Field(primary_key=True)
    other: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    run_id: str
    subject: str
    kind: str
    fate: str
    happened_at: datetime | None = None
    observed_at: datetime | None = None
    seen_at: datetime
    settled_at: datetime | None = None
