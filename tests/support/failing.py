"""The command line with a failure at one place: a site, a hit and how it fails.

A site is a step of the program that a crash may fall before or after. ``hit`` counts how often the site is passed; 0 never
fails, and tells at the end on ``MAMIGRATE_TEST_HITS`` how often each site was passed. ``how``: ``kill`` the process with
SIGKILL, or an errno by name (``ENOSPC``), which the site raises once. ``broken:<variant>`` runs a program that is wrong on
purpose, to show that the tests would see it.
"""

import errno
import functools
import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mamigrate import private
from mamigrate.cli import app
from mamigrate.http.session import Session
from mamigrate.ledger.access import Access
from mamigrate.ledger.store import Ledger
from mamigrate.snapshot.folder import Snapshot
from mamigrate.testing.memory import MemoryInstance

STEPS: dict[str, tuple[Any, str]] = {
    "intent": (Ledger, "intend"),
    "outcome": (Ledger, "close_batch"),
    "outcome's rows": (Access, "_upsert"),
    "account": (Ledger, "account"),
    "id": (Ledger, "keep_ids"),
    "stage": (Ledger, "note_run"),
    "page": (Snapshot, "land"),
    "checkpoint": (Snapshot, "checkpoint"),
    "seal": (Snapshot, "seal"),
    "rename": (Path, "replace"),
}
OF_A_PURGE: dict[str, tuple[Any, str]] = {
    name: (owner, name)
    for owner, names in (
        (private, ("forget", "replacing")),
        (Ledger, ("begin_purge", "note_purge", "forget_people", "vacuum", "note_run")),
    )
    for name in names
}
OF_A_NOTE: dict[str, tuple[Any, str]] = {
    name: (owner, name)
    for owner, names in (
        (private, ("replacing",)),
        (
            Ledger,
            (
                *(
                    "begin_run",
                    "note_run",
                    "keep_inputs",
                    "keep_findings",
                    "keep_instance",
                    "keep_quotas",
                    "keep_evidence",
                ),
                *("drop_accounts", "account", "keep_ids", "intend", "close_batch"),
                *("keep_late", "rename_waiting", "settle_unplaced", "keep_unplaced", "advance"),
            ),
        ),
        (Access, ("_upsert",)),
        (MemoryInstance, ("write", "delete", "deny")),
    )
    for name in names
}
OF_THE_LEDGER = {"account": "account", "id": "keep_ids", "stage": "note_run", "outcome's rows": "_upsert"}
"""Steps of a run that touch the ledger and neither the wire nor a file, by their names among the notes."""
RENAMES = ("rename", "evidence")
"""Every step of a command between vendors in memory that changes something: files, notes in the ledger, calls that write."""
CALLS = ("read", "write")
SITES = [f"{when} {step}" for step in (*STEPS, *CALLS) for when in ("before", "after")]


class Failpoints:
    """Passes of each site, and the one that fails."""

    def __init__(self, site: str, hit: int, how: str) -> None:
        self.passed = Counter[str]()
        self._site, self._hit, self._how = site, hit, how

    def install(self, steps: Mapping[str, tuple[Any, str]]) -> None:
        for step, (owner, name) in steps.items():
            setattr(owner, name, self._around(getattr(owner, name), lambda *_, step=step: step))

    def install_calls(self) -> None:
        # What is sent, and what the program has not yet looked at of the answer.
        Session._exchange = self._around(Session._exchange, lambda _, call, *__: CALLS[call.writes])  # type: ignore[method-assign]

    def install_renames(self) -> None:
        os.replace = self._around(os.replace, lambda _, path: RENAMES["evidence" in Path(path).parts])

    def _around(self, step: Callable[..., Any], named: Callable[..., str]) -> Callable[..., Any]:
        @functools.wraps(step)
        def around(*args: Any, **named_args: Any) -> Any:
            name = named(*args)
            self._pass(f"before {name}")
            done = step(*args, **named_args)
            self._pass(f"after {name}")
            return done

        return around

    def _pass(self, site: str) -> None:
        self.passed[site] += 1
        if site == self._site and self.passed[site] == self._hit:
            self._fail()

    def _fail(self) -> None:
        if self._how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(getattr(errno, self._how), os.strerror(getattr(errno, self._how)), "a file of the project")


def run(site: str, hit: int, how: str, words: list[str]) -> None:
    if how.startswith("broken:"):
        from broken import BROKEN

        BROKEN[how.partition(":")[2]]()
        how = "kill"
    points = Failpoints(site, hit, how)
    points.install(STEPS)
    points.install_calls()
    try:
        app.run(words)
    finally:
        if told := os.environ.get("MAMIGRATE_TEST_HITS"):
            Path(told).write_bytes(json.dumps(points.passed).encode())  # past the sites


def step(site: str, hit: int, words: list[str]) -> None:
    """A command between vendors in memory. Its steps are numbered by site as above."""
    points = Failpoints(site, hit, "kill")
    points.install(OF_A_NOTE)
    points.install_renames()
    try:
        app.run(words)
    finally:
        if told := os.environ.get("MAMIGRATE_TEST_HITS"):
            Path(told).write_bytes(json.dumps(points.passed).encode())


def purge(site: str, hit: int, words: list[str]) -> None:
    Failpoints(site, hit, "kill").install(OF_A_PURGE)
    app.run(words)
