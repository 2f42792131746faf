"""Sandboxes for ``run --sandbox``: another process that ends with this one."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Sequence

import orjson

from mamigrate.errors import LocalTrouble, UsageError
from mamigrate.hookspecs import RehearsalRequest

PATIENCE_S = 60
_USAGE = 2


class Running:
    """The child process. ``connections`` says where each sandbox listens."""

    def __init__(self, process: "subprocess.Popen[bytes]", connections: dict[str, dict[str, str]]) -> None:
        self._process = process
        self.connections = connections

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        """End the child; harmless when it ended already."""
        _end(self._process)


def start(request: RehearsalRequest) -> Running:
    """Start what was asked for and return once all listen. The project folder is written by then.

    Raises UsageError for what cannot be started as asked, LocalTrouble when nothing listens within a minute.
    """
    # A pipe to its standard input: it closes when this process dies in whatever way, and the child leaves.
    # A session of its own: Ctrl-C is for the run, which still needs its vendors to come to a clean point.
    pipe = subprocess.PIPE
    process = subprocess.Popen(_command(request), stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)
    said, complaint = _first_words(process)
    if not said:
        _end(process)
        if process.returncode == _USAGE:
            raise UsageError(complaint, where="--sandbox")
        raise LocalTrouble(f"the sandboxes did not start: {complaint or 'no answer'}", path=request.project)
    return Running(process, orjson.loads(said))


def _command(request: RehearsalRequest) -> Sequence[str]:
    words = [sys.executable, "-m", "mamigrate_sandbox", "--json", "--tied"]
    for vendor, name in request.vendors:
        words += ["--vendor", vendor if vendor == name else f"{vendor}:{name}"]
    words += ["--estate", request.estate, "--people", str(request.people), "--seed", str(request.seed)]
    return [*words, *(["--refill"] if request.fresh else []), "--project", str(request.project)]


def _first_words(process: "subprocess.Popen[bytes]") -> tuple[bytes, str]:
    """(first line of standard output, last line of standard error). The latter is drained for ever, so it never blocks."""
    lines: list[bytes] = []
    errors: list[bytes] = []
    assert process.stdout is not None and process.stderr is not None
    output, trouble = process.stdout, process.stderr
    listener = threading.Thread(target=lambda: lines.append(output.readline()), daemon=True)
    drain = threading.Thread(target=lambda: errors.extend(trouble), daemon=True)
    for thread in (listener, drain):
        thread.start()
    listener.join(PATIENCE_S)
    if not (lines and lines[0]):
        drain.join(2)
    return lines[0] if lines else b"", errors[-1].decode(errors="replace").strip() if errors else ""


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError, ValueError):
                pipe.close()
