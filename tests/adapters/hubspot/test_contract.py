"""HubSpot keeps the contract, against a sandbox of a small clean account."""

from collections.abc import Callable, Iterator

import pytest

from mamigrate.contract import Connection, Counter, DependentReader, ExclusionSource, LinkedOptOuts, QuotaMeter, Secret
from mamigrate.errors import UsageError
from mamigrate.settings import connections
from mamigrate.settings.model import ConnectionSection
from mamigrate.testing.suite import AdapterContract
from mamigrate_hubspot.adapter import HubSpot
from mamigrate_sandbox.faults import Rule
from mamigrate_sandbox.running import Sandbox, Wish


class TestHubSpot(AdapterContract):
    adapter = HubSpot()
    protocols = (DependentReader, QuotaMeter, Counter, ExclusionSource, LinkedOptOuts)

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
        wish = Wish("hubspot", "src", "clean", 120, 7, 600)
        running = Sandbox(wish, tmp_path_factory.mktemp("hubspot") / "hubspot.sqlite")
        yield running
        running.stop()

    @pytest.fixture(scope="class")
    @classmethod
    def connection(cls, sandbox: Sandbox) -> Connection:
        told = sandbox.described()
        secrets = {"access_token": Secret(told["access_token"])}
        return Connection("src", "hubspot", told["base_url"], "Asia/Tokyo", {"explicit_consent": "false"}, secrets, 600)

    @pytest.fixture(scope="class")
    @classmethod
    def calls(cls, sandbox: Sandbox) -> Callable[[], int]:
        return lambda: sum(n for name, n in sandbox.store.counters().items() if name.startswith("call/"))

    @pytest.fixture(scope="class")
    @classmethod
    def leave(cls, sandbox: Sandbox) -> Callable[[int], str]:
        def leave(number: int) -> str:
            contacts = [body["properties"].get("email") for _, body in sandbox.store.all("contacts")]
            address = str(sorted(filter(None, contacts))[number])
            sandbox.leave(address, "")
            return address

        return leave

    @pytest.fixture(scope="class")
    @classmethod
    def topic(cls, sandbox: Sandbox) -> str:
        return next(id for id, body in sandbox.store.all("definitions") if body.get("isActive", True))

    @pytest.fixture(scope="class")
    @classmethod
    def lose_denial(cls, sandbox: Sandbox) -> Callable[[], None]:
        return lambda: sandbox.faults.set([Rule("lost", r"/unsubscribe-all$", "POST", next=1)], 1)


def test_whether_silence_is_consent_must_be_said() -> None:
    section = ConnectionSection.model_validate(
        {"adapter": "hubspot", "base_url": "http://127.0.0.1:1", "access_token": "t"}
    )
    with pytest.raises(UsageError, match="explicit_consent is missing"):
        connections.connection(section, "old", HubSpot())
