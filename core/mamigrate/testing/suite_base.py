"""What all parts of the contract suite share: an instance, everything that it reads, numbers for new records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

import pytest

from mamigrate.clock import Clock, WallClock
from mamigrate.contract import Change, Connection, Instance, NeutralRow, Outcome, Page, Status, Writer
from mamigrate.model.kinds import Kind
from mamigrate.testing.cases import Chosen

Calls = Callable[[], int]
Make = Callable[[Kind, int], Change]
Pages = Mapping[Kind, Sequence[Page]]
MOST_PAGES = 200
"""More pages than a small instance has: a cursor that never ends must end the test."""


class Cases(Chosen):
    """Fixtures of the suite. ``connection`` and ``calls`` come from the author."""

    @pytest.fixture(scope="class")
    @classmethod
    def clock(cls, connection: Connection) -> Clock:
        return WallClock(connection.speed)

    @pytest.fixture(scope="class")
    @classmethod
    def instance(cls, connection: Connection, clock: Clock) -> Instance:
        return cls.adapter.connect(connection, clock)

    @pytest.fixture(scope="class")
    @classmethod
    def pages(cls, instance: Instance) -> Pages:
        """Everything that the instance reads, once."""
        return {kind: list(pages_of(instance, kind)) for kind in instance.reads()}

    @pytest.fixture(scope="class")
    @classmethod
    def ready(cls, instance: Instance) -> Instance:
        """The instance with the tool's own field of people, created as the core creates it before all else."""
        name = cls.adapter.key_fields[Kind.PERSON]
        values = {"api_name": name, "label": "MM Source Key", "data_type": "text", "description": "made by mamigrate"}
        (outcome,) = writer_of(instance).write(Kind.FIELD, [Change(name, None, values)])
        assert outcome.status in (Status.CREATED, Status.EQUAL), outcome
        return instance

    @pytest.fixture(scope="class")
    @classmethod
    def number(cls) -> Iterator[int]:
        """Numbers for new records: each is given once."""
        return count(1)


def pages_of(instance: Instance, kind: Kind, cursor: str | None = None) -> Iterator[Page]:
    """The pages of a kind from ``cursor`` on."""
    for _ in range(MOST_PAGES):
        page = instance.read(kind, cursor)
        yield page
        assert page.next != cursor or cursor is None, f"the cursor of {kind} does not move"
        cursor = page.next
        if cursor is None:
            return
    raise AssertionError(f"{kind} has no end")


def rows_of(pages: Sequence[Page], kind: Kind) -> list[NeutralRow]:
    return [row for page in pages for row in page.content.rows.get(kind, ())]


def writer_of(instance: Instance) -> Writer:
    assert isinstance(instance, Writer), "a WRITE row says that this can be written: keep Writer"
    return instance


def created(instance: Instance, kind: Kind, change: Change) -> str:
    """Write a new record and return its key on this side."""
    (outcome,) = writer_of(instance).write(kind, [change])
    assert outcome.status is Status.CREATED, outcome
    assert outcome.target_key, outcome
    return outcome.target_key


def told(outcomes: Sequence[Outcome]) -> list[tuple[str, Status]]:
    return [(outcome.source_key, outcome.status) for outcome in outcomes]
