"""A copy of the tree in which one mistake at a time is made, and the tests that must notice it. The tree itself is only read."""

import compileall
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from py_compile import PycInvalidationMode

from mutants.mutant import Mutant, planted
from mutants.witness import WHERE

SHELVES = ("core", "adapters", "plugins", "templates")
PATHS = (*SHELVES, "tests/support")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", "demo", "dist", "build")
OPTIONS = (
    "-x",
    "-q",
    "-m",
    "not gate and not soak",
    "-p",
    "mutants.witness",
    "-p",
    "no:cacheprovider",
    "--hypothesis-seed=0",
)
SECONDS, SECONDS_OF_ALL = 120, 900
"""Tests of one mistake that take longer say nothing; those of all of them."""


class Verdict(StrEnum):
    """NO_VERDICT: the tests did not run to their end, or not with the file that holds the mistake."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    NO_VERDICT = "NO VERDICT"


@dataclass(frozen=True, slots=True)
class Ended:
    """How tests ended: pytest's exit code (None: they took too long), what it printed, and the files of its modules."""

    code: int | None
    said: str
    modules: frozenset[str]

    @property
    def killer(self) -> str:
        """The first test that failed."""
        failed = (line for line in self.said.splitlines() if line.startswith(("FAILED ", "ERROR ")))
        return next(failed, "").partition(" - ")[0]


@dataclass(frozen=True, slots=True)
class Tried:
    """``why`` is the killer, or what went wrong."""

    mutant: Mutant
    verdict: Verdict
    why: str
    seconds: float


class Copy:
    """A copy of ``tree`` in ``folder``."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self.tree, self.folder = tree.resolve(), folder.resolve()
        shutil.copytree(tree, folder, ignore=LEFT_OUT)
        # By hash and not by time: a mistake may be as long, and as old, as what it replaces.
        for shelf in filter(Path.is_dir, (self.folder / name for name in (*SHELVES, "tests"))):
            compileall.compile_dir(shelf, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)

    def attempt(self, mutant: Mutant) -> Tried:
        """Make the mistake, run its tests, put everything back. Raises NotThere."""
        path, began = self.folder / mutant.file, time.perf_counter()
        whole = path.read_text(encoding="utf-8")
        path.write_text(planted(mutant, whole), encoding="utf-8")
        try:
            ended = self.run(mutant.tests)
        finally:
            path.write_text(whole, encoding="utf-8")
        return Tried(mutant, *self._judged(mutant, ended), time.perf_counter() - began)

    def _judged(self, mutant: Mutant, ended: Ended) -> tuple[Verdict, str]:
        if ended.code not in (0, 1):
            return Verdict.NO_VERDICT, ended.said[-2000:] or "the tests took too long"
        if str(self.folder / mutant.file) not in ended.modules:
            return Verdict.NO_VERDICT, f"no test imports {mutant.file} from the copy"
        if strange := self.foreign(ended):
            return Verdict.NO_VERDICT, f"imported from the tree itself: {strange[0]}"
        return (Verdict.KILLED, ended.killer) if ended.code else (Verdict.SURVIVED, "")

    def foreign(self, ended: Ended) -> list[str]:
        """Modules of the tree that came from somewhere else than the copy."""
        ours = tuple(f"{self.tree / path}{os.sep}" for path in PATHS)
        return sorted(file for file in ended.modules if file.startswith(ours))

    def run(self, tests: Sequence[str], seconds: int = SECONDS) -> Ended:
        """Run tests in the copy, up to the first that fails."""
        told = self.folder.with_suffix(".modules")
        told.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", *OPTIONS]
        try:
            ran = subprocess.run(
                [*command, *tests],
                check=False,
                cwd=self.folder,
                env=self._environment(told),
                timeout=seconds,
                capture_output=True,
                text=True,
            )
        except subprocess.TimeoutExpired:
            return Ended(None, "", frozenset())
        modules = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
        return Ended(ran.returncode, ran.stdout + ran.stderr, frozenset(modules))

    def _environment(self, told: Path) -> dict[str, str]:
        return os.environ | {
            "PYTHONPATH": os.pathsep.join(str(self.folder / path) for path in PATHS),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(self.folder.with_suffix(".examples")),
            WHERE: str(told),
        }
