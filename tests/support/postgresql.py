"""A throw-away PostgreSQL server of this machine's own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


def postgresql_server() -> Iterator[str]:
    """The URL of a server that listens on a socket of its own; it ends with the generator."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries or not shutil.which("runuser"):
        pytest.skip("PostgreSQL is not installed")
    # Not below pytest's own folder: that is closed to other users, and the server refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        yield from _running(binaries[-1], Path(folder))


def _running(binaries: Path, data: Path) -> Iterator[str]:
    as_user: list[str] = []
    if os.geteuid() == 0:
        as_user = ["runuser", "-u", "postgres", "--"]
        os.chown(data, pwd.getpwnam("postgres").pw_uid, -1)
    options = f"-c listen_addresses='' -c unix_socket_directories='{data}' -c fsync=off"
    control = [*as_user, str(binaries / "pg_ctl"), "-D", f"{data}/db"]
    initdb = [*as_user, str(binaries / "initdb"), "-D", f"{data}/db", "-A", "trust", "-U", "postgres"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=data)
    subprocess.run([*control, "-w", "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, cwd=data)
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={data}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd=data)
