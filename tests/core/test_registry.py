"""Plug-ins: found by entry points, left out by name, named in one line when something is wrong with them."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from mamigrate import registry
from mamigrate.errors import UsageError
from mamigrate.hookspecs import AdapterEntry, hookimpl
from mamigrate.registry import Registry
from mamigrate.testing import memory
from pair import PLUGIN, Install, installed


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    with installed(tmp_path / "site", {}) as more:
        yield more
    registry.leave_out(())


def test_our_own_adapters_come_in_by_entry_points() -> None:
    assert {"hubspot", "marketo"} <= set(Registry().adapters())


def test_users_never_meet_the_vendor_in_memory() -> None:
    assert "memory" not in Registry().adapters()


def test_a_plug_in_that_is_installed_is_found(install: Install) -> None:
    install(PLUGIN)
    assert isinstance(Registry().adapter("memory"), memory.Memory)


def test_a_plug_in_that_is_registered_is_found() -> None:
    bare = Registry(discover=False)
    bare.register(memory.plugin, "memory")
    assert set(bare.adapters()) == {"memory"}


def test_a_blocked_plug_in_is_not_even_imported(install: Install) -> None:
    install({"ruin": "no_such_module_anywhere:plugin"})
    with pytest.raises(UsageError, match="'ruin'.*does not load"):
        Registry()
    assert "hubspot" in Registry(("ruin",)).adapters()


def test_what_the_command_line_leaves_out_is_left_out_of_every_registry(install: Install) -> None:
    install(PLUGIN)
    registry.leave_out(("memory",))
    assert "memory" not in Registry().adapters()
    registry.leave_out(())
    assert "memory" in Registry().adapters()


def test_two_adapters_of_one_name_are_refused() -> None:
    bare = Registry(discover=False)
    bare.register(memory.plugin, "memory")
    bare.register(_plugin(AdapterEntry("memory", "Again", "mamigrate.testing.memory:Memory")), "again")
    with pytest.raises(UsageError, match="two plug-ins bring an adapter called 'memory'"):
        bare.adapters()


def test_a_missing_adapter_is_named_with_those_that_are_there() -> None:
    with pytest.raises(UsageError, match="no adapter is called 'hubspto'; installed: hubspot, marketo"):
        Registry().adapter("hubspto")


@pytest.mark.parametrize("load", ["no_such_module:Adapter", "mamigrate.testing.memory:NoSuchName"])
def test_an_adapter_that_cannot_be_imported_is_named_in_one_line(load: str) -> None:
    with pytest.raises(UsageError, match=f"{load} cannot be loaded"):
        _with(AdapterEntry("broken", "Broken", load)).adapter("broken")


def test_an_adapter_that_lacks_parts_is_named_with_what_it_lacks() -> None:
    bare = _with(AdapterEntry("crooked", "Crooked", "mamigrate.testing.memory:MemoryInstance.info"))
    with pytest.raises(UsageError):
        bare.adapter("crooked")


def test_a_hook_that_nobody_asks_for_is_refused() -> None:
    @hookimpl
    def mamigrate_no_such_hook() -> None: ...

    bare = Registry(discover=False)
    bare.register(SimpleNamespace(mamigrate_no_such_hook=mamigrate_no_such_hook), "typo")
    with pytest.raises(Exception, match="mamigrate_no_such_hook"):
        bare.manager.check_pending()


def _plugin(entry: AdapterEntry) -> type:
    class Plugin:
        @staticmethod
        @hookimpl
        def mamigrate_adapters() -> list[AdapterEntry]:
            return [entry]

    return Plugin


def _with(entry: AdapterEntry) -> Registry:
    bare = Registry(discover=False)
    bare.register(_plugin(entry), "one")
    return bare
