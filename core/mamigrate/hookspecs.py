"""Markers and hooks. A hook finds things and does no work; what the things do is a typed protocol elsewhere.

A plug-in's ``__init__`` imports only this module, so that ``mamigrate --help`` stays quick.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pluggy

PROJECT = "mamigrate"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class AdapterEntry:
    """``load`` is ``module:attribute`` of an object that keeps ``mamigrate.contract.Adapter``; imported when asked for."""

    name: str
    title: str
    load: str


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """``name`` may be two words (``sandbox up``). ``load`` is ``module:function``, a typer callback, imported when called."""

    name: str
    line: str
    load: str


@dataclass(frozen=True, slots=True)
class RehearsalRequest:
    """Local sandboxes to start. ``vendors`` are (vendor, connection name); the first gets ``estate``, others ``lived``.

    ``fresh``: sandboxes that hold something else are filled anew, and the project forgets what it knew of them.
    """

    vendors: Sequence[tuple[str, str]]
    estate: str
    people: int
    seed: int
    project: Path
    fresh: bool = False


class Rehearsal(Protocol):
    """Running sandboxes. The project folder already holds a signed ``mamigrate.toml`` with a connection for each."""

    def stop(self) -> None: ...


class Specs:
    """The hooks."""

    @hookspec
    def mamigrate_adapters(self) -> Sequence[AdapterEntry]:  # type: ignore[empty-body]  # pluggy only reads the signature
        """Called once, when an adapter is first asked for or listed."""

    @hookspec
    def mamigrate_commands(self) -> Sequence[CommandEntry]:  # type: ignore[empty-body]  # pluggy only reads the signature
        """Called once, before the command line is parsed."""

    @hookspec
    def mamigrate_check_rehearsal(self, request: RehearsalRequest) -> None:
        """Called before ``mamigrate_rehearse``, and before anything is made on disk. Make nothing; raise UsageError for what
        cannot be started as asked."""

    @hookspec(firstresult=True)
    def mamigrate_rehearse(self, request: RehearsalRequest) -> Rehearsal | None:
        """Called by ``run --sandbox``. Start what was asked for and return once all listen; None: not me."""
