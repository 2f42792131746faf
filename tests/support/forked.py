"""Commands in processes of their own that need not begin from nothing: each is forked from one that has made a move before.

A new interpreter imports for a second and has every query translated for another; what a command does, reads, writes and dies of
is the same. Tests of how the program starts call it as a user does.
"""

import contextlib
import faulthandler
import multiprocessing
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

INTERRUPTED = 5
"""The exit code of a command that was asked to leave."""
HERE = str(Path(__file__).parent)
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["warmed"])


class Forked:
    """A process that calls ``main(*args)``, with some more of the environment. What it says goes to files."""

    def __init__(self, main: Callable[..., None], *args: Any, **environment: str) -> None:
        self._files = [tempfile.NamedTemporaryFile() for _ in range(2)]  # noqa: SIM115  # they last as long as this object
        paths, begun = [file.name for file in self._files], CONTEXT.Event()
        self._process = CONTEXT.Process(target=_called, args=(begun, paths, environment, main, args), daemon=True)
        with _importable():
            self._process.start()
        assert begun.wait(60), "the machine is too busy to begin a process"

    @property
    def returncode(self) -> int | None:
        """As of a process that was waited for: minus the signal that it died of."""
        return self._process.exitcode

    def communicate(self, timeout: float) -> tuple[bytes, bytes]:
        """What it said and what it complained, once it has ended. Raises TimeoutExpired."""
        self._process.join(timeout)
        if self._process.is_alive():
            raise subprocess.TimeoutExpired("mamigrate", timeout)
        said, complained = (Path(file.name).read_bytes() for file in self._files)
        return said, complained

    def send_signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid or 0, number)

    def end(self, timeout: float) -> tuple[bytes, bytes]:
        """The same of a process that has to end. One that does not says where it is, and is killed."""
        try:
            return self.communicate(timeout)
        except subprocess.TimeoutExpired:
            self.send_signal(signal.SIGUSR1)
            time.sleep(1)
            self.send_signal(signal.SIGKILL)
            _, complained = self.communicate(60)
            raise AssertionError(f"still there after {timeout:.0f} s:\n{complained.decode()[-6000:]}") from None

    def forget(self) -> None:
        """Drop what it said, once it has ended."""
        for file in self._files:
            file.close()

    def done(self, timeout: float = 300) -> "subprocess.CompletedProcess[bytes]":
        said, complained = self.end(timeout)
        assert self.returncode is not None
        return subprocess.CompletedProcess("mamigrate", self.returncode, said, complained)


def _called(
    begun: Any, paths: list[str], environment: dict[str, str], main: Callable[..., None], args: tuple[Any, ...]
) -> None:
    # Before a command heeds signals itself, and when it does not any more, there is nothing to leave behind.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(INTERRUPTED))
    for stream, path in enumerate(paths, start=1):
        os.dup2(os.open(path, os.O_WRONLY), stream)
    faulthandler.register(signal.SIGUSR1, file=2, all_threads=True)
    os.environ.update(environment)
    begun.set()
    main(*args)


@contextlib.contextmanager
def _importable() -> Any:
    """The process that all others are forked from is a new one, and must find the modules of this folder."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([HERE, *([before] if before else [])])
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH") if before is None else os.environ.__setitem__("PYTHONPATH", before)
