"""Where every object ended, row by row: files beside the report, and the first rows of each reason for the page."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mamigrate import private
from mamigrate.ledger.tables import Account
from mamigrate.model.kinds import ESTATE
from mamigrate.parquet import compressed
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.reports import mask

COLUMNS = ("kind", "key", "bucket", "reason", "detail", "target_key")
SHOWN = 20
"""Rows of each kind, bucket and reason that stand in the page."""
PAGE = 5000
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠", "'")
"""First characters of a cell that a spreadsheet would compute. The apostrophe is here so that the guard can be undone."""


SEPARATORS = " \u3000\"';,|"
"""What may stand before a formula and hide it from a glance."""


@dataclass(slots=True)
class Rows:
    """What was seen on the way into the files. ``shown`` by (kind, bucket, reason); ``named`` are the same rows with what they
    show, to be given names."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    shown: dict[tuple[str, str, str], list[dict[str, str]]] = field(default_factory=dict)
    handed: dict[str, list[Account]] = field(default_factory=dict)
    named: list[tuple[Account, dict[str, str]]] = field(default_factory=list)


def from_changes(path: Path, run_id: str) -> Iterator[Account]:
    """The rows of a plan (``changes.parquet``) in the shape of a run's accounts."""
    names = [name for name in COLUMNS]
    for batch in pq.ParquetFile(path).iter_batches(batch_size=PAGE, columns=names):
        for row in batch.to_pylist():
            yield Account(run_id=run_id, **{("source_key" if k == "key" else k): str(v or "") for k, v in row.items()})


def write(folder: Path, accounts: Iterable[Account], *, unmask: bool) -> Rows:
    """Write ``accounts.csv`` and ``accounts.parquet``, both private, and keep what the page shows."""
    seen, rows = Rows(), iter(accounts)
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    with ExitStack() as stack:
        text = stack.enter_context(private.replacing(folder / "accounts.csv"))
        table = stack.enter_context(private.replacing(folder / "accounts.parquet"))
        writer = stack.enter_context(compressed(table, schema))
        text.write(_lines([COLUMNS]))
        while page := list(islice(rows, PAGE)):
            plain = [_row(one, unmask=unmask) for one in page]
            _keep(seen, page, plain)
            text.write(_lines([[guarded(row[name]) for name in COLUMNS] for row in plain]))
            writer.write_batch(pa.RecordBatch.from_pylist(plain, schema))
    return seen


def guarded(cell: str) -> str:
    """A cell that no spreadsheet computes: an apostrophe before whatever could begin a formula. Undone by dropping it."""
    first = mask.visible(cell).lstrip(SEPARATORS).startswith(FORMULA) or cell.startswith(FORMULA)
    return "'" + mask.visible(cell) if first else mask.visible(cell)


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A whole CSV file with guarded cells."""
    return _lines([header]) + _lines([[guarded(cell) for cell in row] for row in rows])


def _row(one: Account, *, unmask: bool) -> dict[str, str]:
    hide = _whole if unmask else lambda text: mask.addresses(_whole(text))
    # A denied address is a person even where it does not look like an address.
    hide_key = (lambda text: mask.value(_whole(text))) if one.kind == SUPPRESSED and not unmask else hide
    return {
        "kind": one.kind,
        "key": hide_key(one.source_key),
        "bucket": one.bucket,
        "reason": one.reason,
        "detail": hide(one.detail),
        "target_key": one.target_key,
    }


def _whole(text: str) -> str:
    """Half characters, which no file can hold, as escapes."""
    return text.encode(errors="backslashreplace").decode()


def _keep(seen: Rows, page: Sequence[Account], plain: Sequence[dict[str, str]]) -> None:
    for one, row in zip(page, plain, strict=True):
        place = (one.kind, one.bucket, one.reason)
        seen.counts[place] += 1
        if seen.counts[place] <= SHOWN:
            shown = row | {"name": ""}
            seen.shown.setdefault(place, []).append(shown)
            seen.named.append((one, shown))
        if one.bucket == "handed" and one.kind in ESTATE:
            seen.handed.setdefault(one.kind, []).append(one)


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
