"""The plug-ins: found by entry points, blocked by name, asked through hooks. Our own come in by the same door."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from mamigrate import hookspecs
from mamigrate.errors import UsageError
from mamigrate.hookspecs import PROJECT, AdapterEntry, CommandEntry

if TYPE_CHECKING:
    from mamigrate.promises import Promises

GROUP = "mamigrate"
_left_out: set[str] = set()


def leave_out(names: Iterable[str]) -> None:
    """Name the entry points that no registry of this process loads from now on, instead of those named before."""
    _left_out.clear()
    _left_out.update(names)


class Registry:
    """The plug-in manager with what was found. ``blocked`` names entry points that are not loaded."""

    def __init__(self, blocked: Iterable[str] = (), *, discover: bool = True) -> None:
        self.manager = pluggy.PluginManager(PROJECT)
        self.manager.add_hookspecs(hookspecs.Specs)
        for name in {*blocked, *_left_out}:
            self.manager.set_blocked(name)
        if discover:
            self._discover()
        self.manager.check_pending()

    def register(self, plugin: object, name: str) -> None:
        self.manager.register(plugin, name)

    def adapters(self) -> Mapping[str, AdapterEntry]:
        """Installed adapters by name. Raises UsageError where two claim one name."""
        return {name: entry for name, (_, entry) in sorted(self._brought().items())}

    def plugin(self, adapter: str) -> str:
        """The plug-in that brings an installed adapter: what ``--block`` takes."""
        return self._brought()[adapter][0]

    def _brought(self) -> Mapping[str, tuple[str, AdapterEntry]]:
        """Plug-in and entry of each adapter."""
        found: dict[str, tuple[str, AdapterEntry]] = {}
        for hook in self.manager.hook.mamigrate_adapters.get_hookimpls():
            for entry in _entries(hook.plugin_name, hook.function):
                if entry.name in found:
                    told = f"two plug-ins bring an adapter called {entry.name!r}"
                    raise UsageError(told, where="plug-ins", fix="block")
                found[entry.name] = (hook.plugin_name, entry)
        return found

    def commands(self) -> Sequence[CommandEntry]:
        return _flat(self.manager.hook.mamigrate_commands())

    def adapter(self, name: str) -> Any:
        """The adapter object. Raises UsageError in one line for a missing one, or one that breaks the contract."""
        plugin, entry = self._brought().get(name, ("", None))
        if entry is None:
            raise UsageError(f"no adapter is called {name!r}; installed: {', '.join(self.adapters())}", where=name)
        # Not before it is asked for: it needs the whole contract, and help needs none of it.
        from mamigrate import promises

        promised = promises.Promises(plugin, name)
        try:
            made = load(entry.load)
            made = made() if isinstance(made, type) else made
        except Exception as error:  # a foreign package may fail in any way
            raise promised.raised(entry.load, error) from error
        return promises.adapter(made, promised)

    def _discover(self) -> None:
        for name, value in declared(sys.path):
            if self.manager.is_blocked(name):
                continue
            try:
                self.manager.register(_plugin(value), name)
            except Exception as error:  # a foreign package may fail in any way; it is named and left out
                raise UsageError(
                    f"the plug-in {name!r} ({value}) does not load: {error}", where="plug-ins", fix="block"
                ) from error


def declared(folders: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(name, ``module`` or ``module:attribute``) of every entry point of our group that installed packages declare.

    Their files are read by hand: importing ``importlib.metadata`` would take a quarter of the time of ``--help``. As
    there, the first package of a name on the path wins. (Python packaging guide, "Entry points specification")
    """
    seen: set[str] = set()
    for folder in dict.fromkeys(folders):
        for file in sorted(Path(folder).glob("*.*-info/entry_points.txt")):
            package = file.parent.name.partition("-")[0].lower()
            if package not in seen:
                seen.add(package)
                yield from _of_group(file.read_text(encoding="utf-8"))


def _of_group(text: str) -> Iterator[tuple[str, str]]:
    inside = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            inside = line == f"[{GROUP}]"
        elif inside and line and line[0] not in "#;":
            name, _, value = line.partition("=")
            yield name.strip(), value.partition("[")[0].strip()


def _plugin(value: str) -> Any:
    module, _, attribute = value.partition(":")
    found = import_module(module)
    return getattr(found, attribute) if attribute else found


def load(reference: str) -> Any:
    """The object behind ``module:attribute``. Raises UsageError in one line."""
    module, _, attribute = reference.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"{reference} cannot be loaded: {error}", where="plug-ins") from error


def _entries(plugin: str, hook: Callable[..., Any]) -> Sequence[AdapterEntry]:
    """What a plug-in's hook tells. Raises UsageError where it tells something else."""
    told = "mamigrate_adapters"
    try:
        found = list(hook())
    except Exception as error:  # a foreign package may fail in any way
        raise _promised(plugin).raised(told, error) from error
    if not all(isinstance(entry, AdapterEntry) for entry in found):
        raise _promised(plugin).broken(f"{told} gave no AdapterEntry")
    return found


def _promised(plugin: str) -> "Promises":
    from mamigrate.promises import Promises

    return Promises(plugin, plugin, "plug-ins")


def _flat(groups: Iterable[Iterable[Any]]) -> list[Any]:
    return [entry for group in groups for entry in group]
