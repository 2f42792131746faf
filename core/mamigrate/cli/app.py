"""Build the command line from the hooks: the called command is imported, the others are only listed."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Annotated

import typer

from mamigrate import __version__
from mamigrate.cli import commands
from mamigrate.cli import words as typed
from mamigrate.cli.pipe import patient
from mamigrate.errors import Interrupted, UsageError
from mamigrate.hookspecs import CommandEntry
from mamigrate.registry import Registry, leave_out, load

ABOUT = "Move a company from one marketing-automation platform to another, and prove that nothing was lost."
EVERYWHERE = "Anywhere on the line: --debug shows where a bug lies, --block NAME leaves a plug-in out."
GARBAGE = 20_000
"""Objects made before Python looks for circles of them. Its own 700 cost an eighth of a small move and find next to nothing."""
ARROW_POOL = ("ARROW_DEFAULT_MEMORY_POOL", "system")
"""Arrow's own pools keep what the widest batch took; the system gets it back. Read by Arrow when it is imported."""
PLAIN = None
"""Help is plain text: drawing it with rich takes longer to import than all else together."""


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the codes of docs/reference/exit-codes.md."""
    gc.set_threshold(GARBAGE, 20, 20)
    os.environ.setdefault(*ARROW_POOL)
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words, blocked = _without_blocks([word for word in words if word != "--debug"])
    leave_out(blocked)
    typed.keep(words)
    try:
        with patient(), leaving_on_signals():
            build(Registry(), words)(args=words, standalone_mode=True)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001  # the one place where everything ends as a sentence
        from mamigrate.cli.failures import tell

        sys.exit(tell(error, words, debug=debug))


@contextmanager
def leaving_on_signals() -> Iterator[None]:
    """SIGINT and SIGTERM raise ``Interrupted`` wherever they fall, so that every command ends with its sentence and 5."""

    def leave(number: int, _: FrameType | None) -> None:
        raise Interrupted

    numbers = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def build(registry: Registry, words: Sequence[str]) -> typer.Typer:
    """The application, with the callback of the command that ``words`` call."""
    registry.register(commands, "core")
    app = typer.Typer(
        help=ABOUT,
        epilog=EVERYWHERE,
        no_args_is_help=True,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=PLAIN,
    )
    groups: dict[str, typer.Typer] = {}
    for entry in registry.commands():
        first, _, second = entry.name.partition(" ")
        group = _group(app, groups, first) if second else app
        group.command(second or first, help=entry.line, epilog=EVERYWHERE)(_callback(entry, words))
    app.callback()(_before)
    return app


GROUPS = {
    "adapters": "Who is installed, and what each can do",
    "model": "The neutral model that adapters read into and write from",
    "sandbox": "Local vendors for rehearsals and for any other client",
}
"""What the groups of commands are about; a plug-in's own group is described by its commands."""


def _group(app: typer.Typer, groups: dict[str, typer.Typer], name: str) -> typer.Typer:
    if name not in groups:
        groups[name] = typer.Typer(no_args_is_help=True, rich_markup_mode=PLAIN)
        app.add_typer(groups[name], name=name, help=GROUPS.get(name))
    return groups[name]


def _callback(entry: CommandEntry, words: Sequence[str]) -> Callable[..., object]:
    called = [word for word in words if not word.startswith("-")]
    if called[: len(entry.name.split())] == entry.name.split():
        found = load(entry.load)
        if not callable(found):
            raise UsageError(f"{entry.load} is no command", where=entry.name)
        return found  # type: ignore[no-any-return]  # any callable may be a command
    return _nothing


def _before(
    version: Annotated[bool, typer.Option("--version", help="Say which version this is", is_eager=True)] = False,
) -> None:
    """Move a company from one marketing-automation platform to another, and prove that nothing was lost."""
    if version:
        sys.stdout.write(f"mamigrate {__version__}\n")
        raise typer.Exit(0)


def _nothing() -> None:
    """Move a company from one marketing-automation platform to another, and prove that nothing was lost."""


def _without_blocks(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The line without ``--block NAME``, which may stand anywhere and several times; and the names."""
    kept: list[str] = []
    blocked: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--block":
            blocked.append(next(rest, ""))
        elif word.startswith("--block="):
            blocked.append(word.partition("=")[2])
        else:
            kept.append(word)
    return kept, blocked
