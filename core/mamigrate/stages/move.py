"""What all stages of one run share: the project, both sides, the ledger, the engine, the findings so far."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mamigrate import clock as clocks
from mamigrate import kept
from mamigrate.capabilities import Power
from mamigrate.clock import Clock
from mamigrate.contract import Adapter, Connection, Instance, InstanceInfo, PartlyClosed, Quota, QuotaMeter
from mamigrate.errors import UsageError
from mamigrate.findings import Finding, Findings, Severity
from mamigrate.ledger.store import Ledger
from mamigrate.model.kinds import Kind
from mamigrate.registry import Registry
from mamigrate.settings import connections
from mamigrate.settings.decisions import Decisions
from mamigrate.settings.project import Project
from mamigrate.snapshot.engine import Engine

Progress = Callable[[str, int, int | None], None]
"""(what, done, total): called often, at first with 0 where the beginning is known; total None means unknown, and done equal
to total that it was the last."""


def stamp() -> str:
    """The time as a part of a name: names sort by it."""
    return clocks.now().strftime("%Y%m%d-%H%M%S-%f")


def silent(what: str, done: int, total: int | None) -> None:
    """Progress for nobody."""


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a move."""

    name: str
    adapter: Adapter
    connection: Connection
    instance: Instance
    clock: Clock

    def closed(self) -> Mapping[Kind, str]:
        """Kinds that this instance refuses although the vendor offers them, with the reason."""
        return self.instance.closed() if isinstance(self.instance, PartlyClosed) else {}

    def takes(self, kind: Kind) -> bool:
        """Whether a kind can be written here."""
        return self.adapter.capabilities.can(kind, Power.WRITE) and kind not in self.closed()


def refused_kinds(side: Side) -> Iterator[Finding]:
    """What is handed to a person because this instance refuses it."""
    for kind, reason in side.closed().items():
        params = {"kind": kind.value, "reason": reason}
        yield Finding("kind_not_written_here", Severity.WARN, f"{side.name}/{kind}", params)


@dataclass(slots=True)
class Move:
    """The state of a run. ``asked`` are decisions that somebody must make; they are written out for signing.

    ``command`` is what was typed, for the report. ``filed`` are facts read from files, ``buried`` those of tombstones, ``filed_by_crm`` those of them that
    name a CRM, ``declared`` facts read out of declared columns. ``quotas`` and ``infos`` are by connection, as they were told last. ``pushed`` are records that the target
    passed on to its CRM while this run wrote; None: not told.
    """

    project: Project
    source: Side
    target: Side
    ledger: Ledger
    engine: Engine
    decisions: Decisions
    run_id: str
    now: datetime
    findings: Findings = field(default_factory=Findings)
    asked: dict[str, str] = field(default_factory=dict)
    more_facts: tuple[Path, ...] = ()
    keep_twins: bool = False
    filed: int = 0
    buried: int = 0
    declared: int = 0
    filed_by_crm: int = 0
    command: str = ""
    quotas: dict[str, Sequence[Quota]] = field(default_factory=dict)
    infos: dict[str, InstanceInfo] = field(default_factory=dict)
    pushed: int | None = None
    progress: Progress = silent

    def info(self, side: Side) -> InstanceInfo:
        """What stands behind a side: asked once, after its fields were read, since some tell a linked CRM only there."""
        if side.name not in self.infos:
            self.infos[side.name] = side.instance.info()
        return self.infos[side.name]

    def ask_quotas(self, side: Side) -> Sequence[Quota]:
        """Ask a side for its quotas and keep them; none where it tells none."""
        if isinstance(side.instance, QuotaMeter):
            self.quotas[side.name] = side.instance.quotas()
        return self.quotas.get(side.name, ())

    @property
    def direction(self) -> tuple[str, str]:
        return self.source.name, self.target.name

    def synced(self) -> bool:
        """Whether a ``sync`` ever read or carried denials that came after a move, in either direction."""
        back = self.target.name, self.source.name
        ways = (self.direction, back)
        return any(self.ledger.watermark(*way) is not None or self.ledger.late(*way) for way in ways)


def side(project: Project, registry: Registry, name: str) -> Side:
    """Resolve a connection's name. No call is made. Raises UsageError, which says so where the folder is no project."""
    adapters = {known: entry.title for known, entry in registry.adapters().items()}
    try:
        section = connections.resolve(project, name, adapters)
        adapter: Adapter = registry.adapter(section.adapter)
        connection = connections.connection(section, name, adapter)
        plugin = registry.plugin(section.adapter)
    except UsageError as error:
        raise UsageError(error.problem, where=error.where, fix=project.nowhere or error.fix) from error
    clock = clocks.of(connection.speed)
    return Side(name, adapter, connection, kept.connect(adapter, connection, clock, plugin), clock)


def sides(project: Project, registry: Registry, *names: str) -> list[Side]:
    """As ``side``; what is wrong with all of them is told at once."""
    found: list[Side] = []
    wrong: list[UsageError] = []
    for name in names:
        try:
            found.append(side(project, registry, name))
        except UsageError as error:
            wrong.append(error)
    if wrong:
        raise UsageError.together(wrong)
    return found


def require_direction(source: Side, target: Side) -> None:
    """Raises UsageError, in one sentence, where people cannot be read from the source or written to the target.

    No call is made.
    """
    require_roles(source.adapter, target.adapter, f"{source.name} to {target.name}")


def require_roles(source: Adapter, target: Adapter, where: str) -> None:
    """As ``require_direction``, before there are connections."""
    asked = ((source, Power.READ, "be a source"), (target, Power.WRITE, "be a target"))
    rows = [(adapter, word, adapter.capabilities.of(Kind.PERSON, power)) for adapter, power, word in asked]
    missing = [
        f"{adapter.title} cannot {word}: to {row.power} people is {row.level} ({row.reason})"
        for adapter, word, row in rows
        if not adapter.capabilities.can(row.kind, row.power)
    ]
    if missing:
        raise UsageError("; ".join(missing), where=where)
