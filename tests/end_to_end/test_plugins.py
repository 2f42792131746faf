"""Plug-ins as the command line meets them: crooked ones, two of one name, ones that do not load, blocked ones."""

from pathlib import Path

import pytest

from pair import Install, Pair

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
"""Ibis asks DuckDB in its old way; nothing of ours."""


def test_an_adapter_that_breaks_the_contract_is_named_in_one_line(pair: Pair, install: Install) -> None:
    install({"crooked": "crooked_adapter:plugin"})
    _module(pair.folder.parent / "site", "crooked_adapter", "name = 'crooked'\ntitle = 'Crooked'")
    pair.toml["connections.old"] = 'adapter = "crooked"'
    said = pair.run()
    assert said.code == 2
    assert said.err.splitlines()[-1].startswith("crooked: the adapter 'crooked' (crooked_adapter:Adapter) breaks")
    assert "no settings, capabilities, blockers, key_fields, connect" in said.err


def test_two_plug_ins_with_one_adapter_name_exit_with_2(pair: Pair, install: Install) -> None:
    install({"second": "second_memory:plugin"})
    _module(pair.folder.parent / "site", "second_memory", "name = 'memory'", name="memory")
    said = pair.run()
    assert said.code == 2
    assert "two plug-ins bring an adapter called 'memory'" in said.err
    assert "--block NAME" in said.err


def test_block_leaves_a_plug_in_out(pair: Pair, install: Install) -> None:
    install({"second": "second_memory:plugin"})
    _module(pair.folder.parent / "site", "second_memory", "name = 'memory'", name="memory")
    pair.source.person("ana@x.example")
    assert pair.run("--block", "second").code == 0
    assert pair.run().code == 2


def test_a_plug_in_that_does_not_load_is_named_and_can_be_blocked(pair: Pair, install: Install) -> None:
    install({"ruin": "ruin_of_a_module:plugin"})
    pair.source.person("ana@x.example")
    said = pair.run()
    assert said.code == 2
    assert said.err.splitlines()[0].startswith("plug-ins: the plug-in 'ruin' (ruin_of_a_module:plugin) does not load")
    assert pair.run("--block=ruin").code == 0


def _module(folder: Path, module: str, body: str, *, name: str = "crooked") -> None:
    """A plug-in's module with an adapter class of this body."""
    inside = "\n".join(f"    {line}" for line in body.splitlines())
    lines = [
        "from mamigrate.hookspecs import AdapterEntry, hookimpl",
        "class Adapter:",
        inside,
        "class plugin:",
        "    @hookimpl",
        "    def mamigrate_adapters():",
        f"        return [AdapterEntry('{name}', 'Other', '{module}:Adapter')]",
    ]
    (folder / f"{module}.py").write_text("\n".join(lines) + "\n")
