"""What one move leaves for its proof."""

from dataclasses import dataclass

import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent.proof.of_move.places import Cells

READ_BACK = pa.schema(
    [
        ("kind", pa.string()),
        ("key", pa.string()),
        ("address", pa.string()),
        ("target_key", pa.string()),
        ("found", pa.bool_()),
        ("strict", pa.string()),
        ("loose", pa.string()),
        ("blocked", pa.bool_()),
        ("marked", pa.string()),
        ("wanted", pa.list_(pa.string())),
        ("again", pa.list_(pa.string())),
    ]
)
"""One row for each expectation about a record of the target, as it was read back. ``address`` is the denied one, in its
loose form, for which a record is expected that is nobody's. ``marked`` are topics' fields that read
``true``, joined by GLUE; ``wanted`` the consent fields of its person, ``again`` those that a second run would write."""

JOURNAL = pa.schema([("seq", pa.int64()), ("kind", pa.string()), ("key", pa.string()), ("made", pa.bool_()), ("shape", pa.string())])  # fmt: skip
"""Writes in their order: ``shape`` as ``places.Wrote``."""

PERSON, LOOKED_UP = "person", "looked_up"
"""Kinds of READ_BACK: the record of a person, and one that was found by a denied address."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Tables of a plan (``PeoplePlan``), with what was read back and written. ``times`` has one row: at, later, snapshot.

    ``facts`` are those read, as they were resolved; ``made`` those of basis rules, ``bound`` (winner, pack) the packs that ask for
    a basis, ``based`` (winner, pack, key) the grants that they count, and ``lawless`` what they deny;
    ``standing`` the target's people before the move, ``refused`` what stood against mail on their records (``consent.standing``),
    ``linked`` (winner, target_key) whose records they are. ``target`` is that side's name. ``settled``: the target
    was read after it had its time. ``signed``: somebody signed the mapping that ``cells`` follow from.
    """

    facts: ir.Table
    people: ir.Table
    clusters: ir.Table
    matched: ir.Table
    holds: ir.Table
    aliases: ir.Table
    lawless: ir.Table
    made: ir.Table
    bound: ir.Table
    based: ir.Table
    lifted: ir.Table
    refused: ir.Table
    linked: ir.Table
    bearing: ir.Table
    standing: ir.Table
    read_back: ir.Table
    journal: ir.Table
    times: ir.Table
    cells: Cells
    target: str = ""
    settled: bool = False
    signed: bool = False
