"""Plug-ins as the command line meets them: crooked ones, two of one name, ones that do not load, blocked ones."""

from pathlib import Path

import pytest

from pair import Install, Pair


def test_an_adapter_that_breaks_the_contract_is_named_in_one_line(pair: Pair, install: Install) -> None:
    install({"crooked": "crooked_adapter:plugin"})
    _module(pair.folder.parent / "site", "crooked_adapter", "name = 'crooked'\ntitle = 'Crooked'")
    pair.toml["connections.old"] = 'adapter = "crooked"\nbase_url = "http://127.0.0.1:9"'
    said = pair.run()
    assert said.code == 2
    assert "crooked: the adapter 'crooked' (plug-in 'crooked') breaks the contract: " in said.err
    assert "no settings, capabilities, blockers, key_fields, connect" in said.err


CROOKED = {
    "no_instance": ("def connect(self, c, k): return None", "what connect gives (NoneType) has no connection, info"),
    "connect_fails": ("def connect(self, c, k): raise TypeError(ANA)", "connect raised TypeError at crooked_"),
    "constructor_fails": ("def __init__(self): raise ValueError(ANA)", "raised ValueError at crooked_"),
    "no_info": ("def bend(self, one): one.info = None", "info raised TypeError"),
    "no_blockers": ("blockers = None", "blockers is not what mamigrate.contract.Adapter says"),
    "settings": ("settings = ['x']", "settings is not what mamigrate.contract.Adapter says"),
    "key_fields": ("key_fields = {}", "it writes person, account, opportunity, and key_fields names no field for that"),
    "no_page": ("def bend(self, one): one.read = lambda kind, cursor: None", "read(field) gave nothing, no Page"),
    "reader_fails": ("def bend(self, one): one.read = lambda kind, cursor: {}[ANA]", "read(field) raised KeyError at"),
    "for_the_wire": (
        "def bend(self, one): one.read = lambda k, c: fail(Transient(ANA))",
        "read(field) raised Transient",
    ),
    "rows_lack_parts": (
        "def bend(self, one): lose(one, 'archived')",
        "read(person) gave a row of person without archived",
    ),
    "rows_without_key": ("def bend(self, one): lose(one, 'key')", "gave a row of field without key"),
    "no_mode": ("def bend(self, one): one.opt_out_sync = lambda: 'crm'", "opt_out_sync gave str, no OptOutSync"),
    "unanswered_rows": ("def bend(self, one): unanswer(one)", "gave unanswered people that are no keys"),
    "no_finding": ("def bend(self, one): one.quotas = lambda: [5]", "quotas gave list, no sequence of Quota"),
    "nobody_denied": (
        "def bend(self, one): one.denial_values = lambda f, c: {}",
        "denial_values gave no field to write",
    ),
    "outcomes_lack": ("def bend(self, one): answer(one, lambda all: all[:-1])", "gave 8 outcomes for 9 records"),
    "outcomes_turned": ("def bend(self, one): answer(one, lambda all: all[::-1])", "gave outcomes in another order"),
}
"""What an adapter does wrong, and what is said of it."""
BENT = """
from dataclasses import replace
from mamigrate.errors import Transient
from mamigrate.hookspecs import AdapterEntry, hookimpl
from mamigrate.testing import memory
ANA = "ana@secret.example"
def fail(error): raise error
def lose(one, part):
    told = one.normalise
    def normalise(kind, landed):
        content = told(kind, landed)
        [row.pop(part, None) for rows in content.rows.values() for row in rows]
        return content
    one.normalise = normalise
def unanswer(one):
    right = one.normalise
    one.normalise = lambda kind, landed: replace(right(kind, landed), unanswered=[{"key": "5"}])
def answer(one, turned):
    write = one.write
    one.write = lambda kind, changes: turned(list(write(kind, changes)))
class Adapter(memory.Memory):
    name = "crooked"
    def bend(self, one): pass
    def connect(self, connection, clock):
        made = super().connect(connection, clock)
        self.bend(made)
        return made
class Crooked(Adapter):
    BODY
class plugin:
    @hookimpl
    def mamigrate_adapters():
        return [AdapterEntry("crooked", "Crooked", f"{__name__}:Crooked")]
"""


@pytest.mark.parametrize("what", CROOKED)
def test_whatever_an_adapter_does_wrong_is_one_sentence_and_exits_with_2(
    pair: Pair, install: Install, what: str
) -> None:
    body, told = CROOKED[what]
    (pair.folder.parent / "site" / f"crooked_{what}.py").write_text(BENT.replace("BODY", body))
    install({"bent": f"crooked_{what}:plugin"})
    for address in ("ana@secret.example", "ben@x.example"):
        pair.source.person(address, unsubscribed="true")
    for side, name in zip(("old", "new"), pair.names, strict=True):
        pair.toml[f"connections.{side}"] = f'adapter = "crooked"\nbase_url = "http://127.0.0.1:9"\nstore = "{name}"'
    said = pair.run()
    assert said.code == 2, said.err
    line = next(one for one in said.err.splitlines() if "breaks the contract" in one)
    assert "the adapter 'crooked' (plug-in 'bent') breaks the contract: " in line
    assert told in line
    assert "leave it out with --block bent" in said.err
    assert "secret" not in said.err


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
