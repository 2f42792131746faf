"""The command line with a failure at one place: ``python failing.py <site> <hit> <how> run ...``.

A site is a step of the program that a crash may fall before or after. ``hit`` counts how often the site is passed; 0 never
fails, and tells at the end on ``MAMIGRATE_TEST_HITS`` how often each site was passed. ``how``: ``kill`` the process with
SIGKILL, or an errno by name (``ENOSPC``), which the site raises once. ``broken:<variant>`` runs a program that is wrong on
purpose, to show that the tests would see it.
"""

import atexit
import errno
import functools
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mamigrate import private
from mamigrate.cli import app
from mamigrate.http.session import Session
from mamigrate.ledger.access import Access
from mamigrate.ledger.store import Ledger
from mamigrate.snapshot.folder import Snapshot

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
CALLS = ("read", "write")
SITES = [f"{when} {step}" for step in (*STEPS, *CALLS) for when in ("before", "after")]


class Failpoints:
    """Passes of each site, and the one that fails."""

    def __init__(self, site: str, hit: int, how: str) -> None:
        self.passed = Counter[str]()
        self._site, self._hit, self._how = site, hit, how

    def install(self) -> None:
        for step, (owner, name) in STEPS.items():
            setattr(owner, name, self._around(getattr(owner, name), lambda *_, step=step: step))
        # What is sent, and what the program has not yet looked at of the answer.
        Session._exchange = self._around(Session._exchange, lambda _, call, *__: CALLS[call.writes])  # type: ignore[method-assign]

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


def main() -> None:
    site, hit, how, *words = sys.argv[1:]
    if how.startswith("broken:"):
        from broken import BROKEN

        BROKEN[how.partition(":")[2]]()
        how = "kill"
    points = Failpoints(site, int(hit), how)
    points.install()
    if told := os.environ.get("MAMIGRATE_TEST_HITS"):
        atexit.register(lambda: private.write(Path(told), json.dumps(points.passed).encode()))
    app.run(words)


if __name__ == "__main__":
    main()
