"""The vendor in memory keeps the contract, in this process and in a file."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mamigrate.contract import (
    Change,
    Connection,
    ConsentFields,
    Counter,
    DependentReader,
    ExclusionSource,
    LinkedOptOuts,
    PartlyClosed,
    PushMeter,
    QuotaMeter,
    Secret,
)
from mamigrate.model.kinds import Kind
from mamigrate.testing import memory_state
from mamigrate.testing.memory import Memory
from mamigrate.testing.memory_schema import fresh
from mamigrate.testing.memory_state import (
    Automation,
    ChannelDef,
    ListDef,
    MemberDef,
    OptOut,
    OwnerDef,
    ProgramDef,
    Record,
)
from mamigrate.testing.suite import AdapterContract


class MemoryContract(AdapterContract):
    adapter = Memory()
    protocols = (
        DependentReader,
        ConsentFields,
        QuotaMeter,
        Counter,
        ExclusionSource,
        PartlyClosed,
        PushMeter,
        LinkedOptOuts,
    )

    @pytest.fixture(scope="class")
    @classmethod
    def store(cls, tmp_path_factory: pytest.TempPathFactory) -> str:
        raise LookupError("named by the classes below")

    @pytest.fixture(scope="class")
    @classmethod
    def connection(cls, store: str) -> Iterator[Connection]:
        state = fresh("seeded")
        state.token = "hush-hush"
        state.topic("news")
        state.topic("events", default_allows=False)
        for number in range(9):
            state.person(f"p{number}@x.example", first_name="Ana", opt_out_news="true", score="about 3")
        state.person(None, archived=True)
        state.owners["1"] = OwnerDef(id="1", name="Kei", email="kei@x.example")
        state.automations["1"] = Automation(id="1", name="Welcome")
        state.channels["Fair"] = ChannelDef(name="Fair")
        state.programs["g1"] = ProgramDef(
            id="g1", name="Fair 1", channel="Fair", members={"1": MemberDef(status="Came")}
        )
        state.put(Kind.ACCOUNT, Record(id="a1", values={"name": "Minamo"}))
        state.put(Kind.OPPORTUNITY, Record(id="o1", values={"name": "Scale", "amount": "12.5"}, people=["1"]))
        state.lists["l1"] = ListDef(id="l1", name="VIP", members=["1", "2"])
        state.opt_outs.append(OptOut(address="P1@x.example"))
        memory_state.keep(store, state)
        yield Connection("seeded", "memory", options={"store": store}, secrets={"token": Secret("hush-hush")})
        memory_state.forget(store)

    @pytest.fixture(scope="class")
    @classmethod
    def calls(cls, store: str) -> Callable[[], int]:
        return lambda: memory_state.find(store).calls.total()

    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, store: str) -> Callable[[Kind, int], Change]:
        def member(number: int) -> Change:
            state = memory_state.find(store)
            person = state.person(None, id=f"member-{number}")
            memory_state.keep(store, state)
            links = {"list": ("l1",), "person": (person.id,)}
            return Change(f"src/member/{number}", None, {}, links)

        def in_program(number: int) -> Change:
            state = memory_state.find(store)
            person = state.person(None, id=f"came-{number}")
            memory_state.keep(store, state)
            links = {"program": ("g1",), "person": (person.id,)}
            return Change(f"src/came/{number}", None, {"status": "Came"}, links)

        more = {Kind.LIST_MEMBERSHIP: member, Kind.PROGRAM_MEMBERSHIP: in_program}
        return lambda kind, number: more[kind](number) if kind in more else _new(kind, number)

    @pytest.fixture(scope="class")
    @classmethod
    def wrong(cls) -> tuple[Change, str]:
        change = _new(Kind.PERSON, 0)
        return Change(
            change.source_key, change.target_key, {**change.values, "birthday": "yesterday"}, change.links
        ), "birthday"

    @pytest.fixture(scope="class")
    @classmethod
    def lose_reply(cls, store: str) -> Callable[[], None]:
        def lose() -> None:
            state = memory_state.find(store)
            state.quirks.lose_replies = 1
            memory_state.keep(store, state)

        return lose

    @pytest.fixture(scope="class")
    @classmethod
    def lose_history(cls, lose_reply: Callable[[], None]) -> Callable[[], None]:
        return lose_reply

    @pytest.fixture(scope="class")
    @classmethod
    def leave(cls, store: str) -> Callable[[int], str]:
        def leave(number: int) -> str:
            state = memory_state.find(store)
            state.opt_outs.append(OptOut(address=f"left{number}@x.example", at=datetime.now(UTC)))
            memory_state.keep(store, state)
            return f"left{number}@x.example"

        return leave

    @pytest.fixture(scope="class")
    @classmethod
    def topic(cls) -> str:
        return "news"

    @pytest.fixture(scope="class")
    @classmethod
    def lose_denial(cls, lose_reply: Callable[[], None]) -> Callable[[], None]:
        return lose_reply


class TestInThisProcess(MemoryContract):
    adapter = Memory()

    @pytest.fixture(scope="class")
    @classmethod
    def store(cls, tmp_path_factory: pytest.TempPathFactory) -> str:
        return f"contract-{tmp_path_factory.getbasetemp().name}"


class TestInAFile(MemoryContract):
    adapter = Memory()

    @pytest.fixture(scope="class")
    @classmethod
    def store(cls, tmp_path_factory: pytest.TempPathFactory) -> str:
        return str(Path(tmp_path_factory.mktemp("memory")) / "state.json")


def _new(kind: Kind, number: int) -> Change:
    key = f"src/{kind}/{number}"
    match kind:
        case Kind.FIELD:
            return Change(key, None, {"api_name": f"extra_{number}", "label": f"Extra {number}", "data_type": "text"})
        case Kind.PERSON:
            values = {"mm_source_key": key, "email": f"new{number}@x.example", "first_name": "Ana", "score": "3"}
            return Change(key, None, values)
        case Kind.PROGRAM:
            more = {"type": "plain", "channel": "Fair", "folder": "/programs", "description": "", "source_key": key}
            return Change(key, None, {"name": f"Fair of {number}", **more})
        case _:
            return Change(key, None, {"name": f"{kind} {number}"})
