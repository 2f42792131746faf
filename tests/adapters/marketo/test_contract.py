"""Marketo keeps the contract, against a sandbox of an instance that has been lived in."""

from collections.abc import Callable, Iterator

import pytest

from mamigrate.clock import Clock
from mamigrate.contract import (
    Change,
    Connection,
    ConsentFields,
    Lagging,
    LinkedOptOuts,
    PartlyClosed,
    QuotaMeter,
    Secret,
    Writer,
)
from mamigrate.model.kinds import Kind
from mamigrate.testing.suite import AdapterContract
from mamigrate_marketo.adapter import Marketo
from mamigrate_sandbox.faults import Rule
from mamigrate_sandbox.running import Sandbox, Wish


class TestMarketo(AdapterContract):
    adapter = Marketo()
    protocols = (ConsentFields, QuotaMeter, PartlyClosed, LinkedOptOuts, Lagging)

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
        wish = Wish("marketo", "dst", "lived", 120, 7, 600)
        running = Sandbox(wish, tmp_path_factory.mktemp("marketo") / "marketo.sqlite")
        yield running
        running.stop()

    @pytest.fixture(scope="class")
    @classmethod
    def connection(cls, sandbox: Sandbox) -> Connection:
        told = sandbox.described()
        options, secrets = {"client_id": told["client_id"]}, {"client_secret": Secret(told["client_secret"])}
        return Connection("dst", "marketo", told["base_url"], "Asia/Tokyo", options, secrets, 600)

    @pytest.fixture(scope="class")
    @classmethod
    def calls(cls, sandbox: Sandbox) -> Callable[[], int]:
        return lambda: sum(n for name, n in sandbox.store.counters().items() if name.startswith("call/"))

    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, connection: Connection, clock: Clock) -> Callable[[Kind, int], Change]:
        home: list[str] = []

        def member(number: int) -> Change:
            """A new person in one list of our own."""
            writer = cls.adapter.connect(connection, clock)
            assert isinstance(writer, Writer)
            if not home:
                home.append(writer.write(Kind.LIST, [Change("home", None, {"name": "Contract"})])[0].target_key or "")
            person = writer.write(Kind.PERSON, [_new(Kind.PERSON, 100_000 + number)])[0].target_key or ""
            return Change(f"src/member/{number}", None, {}, {"list": (home[0],), "person": (person,)})

        fair: list[str] = []

        def in_program(number: int) -> Change:
            """A new person in one program of our own."""
            writer = cls.adapter.connect(connection, clock)
            assert isinstance(writer, Writer)
            if not fair:
                fair.append(writer.write(Kind.PROGRAM, [_new(Kind.PROGRAM, 100_000)])[0].target_key or "")
            person = writer.write(Kind.PERSON, [_new(Kind.PERSON, 200_000 + number)])[0].target_key or ""
            links = {"program": (fair[0],), "person": (person,)}
            return Change(f"src/came/{number}", None, {"status": "Registered"}, links)

        more = {Kind.LIST_MEMBERSHIP: member, Kind.PROGRAM_MEMBERSHIP: in_program}
        return lambda kind, number: more[kind](number) if kind in more else _new(kind, number)

    @pytest.fixture(scope="class")
    @classmethod
    def wrong(cls) -> tuple[Change, str]:
        change = _new(Kind.PERSON, 0)
        return Change(
            change.source_key, change.target_key, {**change.values, "leadScore": "14c"}, change.links
        ), "leadScore"

    @pytest.fixture(scope="class")
    @classmethod
    def lose_reply(cls, sandbox: Sandbox) -> Callable[[], None]:
        return lambda: sandbox.faults.set([Rule("lost", r"^/rest/v1/leads\.json$", "POST", next=1)], 1)

    @pytest.fixture(scope="class")
    @classmethod
    def lose_history(cls, sandbox: Sandbox) -> Callable[[], None]:
        return lambda: sandbox.faults.set([Rule("lost", r"^/rest/v1/activities/external\.json$", "POST", next=1)], 1)

    @pytest.fixture(scope="class")
    @classmethod
    def leave(cls, sandbox: Sandbox) -> Callable[[int], str]:
        def leave(number: int) -> str:
            there = {str(body["email"]) for _, body in sandbox.store.all("leads") if not body.get("unsubscribed")}
            address = sorted(one for one in there if "@kit.example" not in one)[number]
            sandbox.leave(address, "")
            return address

        return leave


def _new(kind: Kind, number: int) -> Change:
    key = f"src/{kind}/{number}"
    match kind:
        case Kind.FIELD:
            return Change(key, None, {"api_name": f"extra{number}", "label": f"Extra {number}", "data_type": "text"})
        case Kind.PERSON:
            values = {"mmSourceKey": key, "email": f"new{number}@kit.example", "firstName": "Ana", "leadScore": "3"}
            return Change(key, None, values)
        case Kind.ACCOUNT:
            return Change(key, None, {"company": f"Minamo {number}"})
        case Kind.PROGRAM:
            place = {"folder": "/Marketing Activities/Default/Programs", "source_key": key}
            told = {"type": "Event", "channel": "Tradeshow", "description": "a fair", "starts_on": "2024-05-01"}
            return Change(key, None, {"name": f"Fair, the {number}.", **told, **place})
        case _:
            return Change(key, None, {"name": f"{kind} {number}"})
