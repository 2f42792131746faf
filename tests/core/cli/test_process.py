"""What other users of the machine see of a running command: its line holds no secret, and its death leaves no image."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from canary import SECRETS, forms, secrets_in

PROC = Path("/proc")

pytestmark = pytest.mark.skipif(not PROC.is_dir() and not os.environ.get("MAMIGRATE_CI"), reason="needs /proc")


@pytest.fixture
def silent() -> Iterator[int]:
    """A port whose calls are taken and never answered: a command waits there."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield int(listening.getsockname()[1])


def test_no_secret_stands_in_a_line_of_the_process_list_and_no_core_is_left(tmp_path: Path, silent: int) -> None:
    sections = []
    for number in range(len(SECRETS)):
        vendor, option = (("hubspot", "access_token"), ("marketo", "client_secret"))[number % 2]
        more = 'explicit_consent = "false"' if vendor == "hubspot" else 'client_id = "id"'
        lines = (f"[connections.c{number}]", f'adapter = "{vendor}"', f'base_url = "http://127.0.0.1:{silent}"', more)
        sections.append("\n".join([*lines, f'{option}_env = "CANARY_{number}"']))
    (tmp_path / "mamigrate.toml").write_text("\n".join(sections))
    named = {f"CANARY_{number}": secret for number, secret in enumerate(SECRETS)}
    line = [sys.executable, "-m", "mamigrate", "doctor", "--project", str(tmp_path)]
    command = subprocess.Popen(line, env={**os.environ, **named}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        seen = list(_seen(command.pid))
    finally:
        command.kill()
        out, err = command.communicate()
    assert len(seen) > 5
    assert any("doctor" in one for one in seen)
    assert [one for one in [*seen, out.decode(), err.decode()] if secrets_in(one)] == []


def _seen(pid: int) -> Iterator[str]:
    """Lines of this process and of those it began, for some seconds; it is at work when its limits are set."""
    until, steady = time.monotonic() + 20, 0
    while time.monotonic() < until and steady < 10:
        for path in PROC.glob("[0-9]*"):
            if _is_of(path, pid):
                yield (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        limits = (PROC / str(pid) / "limits").read_text()
        (core,) = [line.split() for line in limits.splitlines() if line.startswith("Max core file size")]
        steady = steady + 1 if core[4:6] == ["0", "0"] else 0
        time.sleep(0.1)
    assert steady == 10


def _is_of(path: Path, pid: int) -> bool:
    try:
        return path.name == str(pid) or f"PPid:\t{pid}\n" in (path / "status").read_text()
    except OSError:
        return False


def test_no_option_takes_a_secret() -> None:
    """Whoever writes one on the line shows it to everybody, and keeps it in the history of the shell."""
    line = [sys.executable, "-m", "mamigrate", "run", "--help"]
    told = subprocess.run(line, capture_output=True, text=True, check=True).stdout.lower()
    assert "--source" in told
    assert [
        word for word in ("--token", "--secret", "--password", "--access", "--client-secret", "--key") if word in told
    ] == []


def test_every_kind_of_secret_is_looked_for_in_many_forms() -> None:
    assert len(SECRETS) == 25
    for secret in SECRETS:
        found = forms(secret)
        assert secret[::-1] in found
        assert len(found) >= 6
