"""What a store tells of this machine's trouble."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from mamigrate_sandbox.store import Store


def test_a_full_disk_is_called_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.sqlite")
    store._db.execute("pragma max_page_count = 40")
    with pytest.raises(sqlite3.OperationalError, match="full"), store.transaction():
        for number in range(1000):
            store.put("leads", str(number), {"text": "x" * 9000})
    store.close()


def test_a_full_disk_is_the_last_word_of_a_sandbox_that_did_not_start(tmp_path: Path) -> None:
    """Its process may write no file of more than 64 KiB."""
    limited = "import resource, runpy, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)); "
    limited += "runpy.run_module('mamigrate_sandbox', run_name='__main__', alter_sys=True)"
    words = [sys.executable, "-c", limited, "--estate", "clean", "--people", "50", "--project", str(tmp_path), "--json"]
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (6, 1), done.stderr.decode()
    assert b"rollback" not in done.stderr
