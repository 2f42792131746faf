"""An instance whose people are those of a snapshot: what is looked up is answered from there, and no call is made for it."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from mamigrate.contract import Instance, NeutralRow
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.people import ROWS


class Recorded:
    """Everything but ``find`` is the instance's own."""

    def __init__(self, instance: Instance, engine: Engine, kept: Snapshot) -> None:
        self._instance, self._engine, self._kept = instance, engine, kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._instance, name)

    def find(self, kind: Kind, by: str, values: Sequence[str], fields: Sequence[str]) -> Sequence[NeutralRow]:
        """People by id, or by a field; addresses are the same whatever their case."""
        return list(self._found(kind, by, values))

    def _found(self, kind: Kind, by: str, values: Sequence[str]) -> Iterator[NeutralRow]:
        table = self._engine.table(self._kept, kind)
        text = table.key if by == "id" else table["values"].get(by, "").lower()
        wanted = sorted(values if by == "id" else {value.lower() for value in values})
        named = self._engine.memory(pa.table({"wanted": pa.array(wanted, pa.string())}))
        rows = table.mutate(sought=text).semi_join(named, [("sought", "wanted")])
        for batch in self._engine.batches(rows.drop("sought").order_by("key"), ROWS):
            for row in batch:
                yield {**row, "values": dict(row["values"] or ())}
