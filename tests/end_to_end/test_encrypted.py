"""A move whose snapshots are encrypted: as any other, and unreadable without its key."""

import base64

import pytest

from pair import Pair, everything, everything_is_there_once

pytestmark = [pytest.mark.gate, pytest.mark.turns]


@pytest.fixture
def key(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNAPSHOT_KEY", base64.b64encode(bytes(range(32))).decode())
    pair.toml["snapshots"] = 'key_env = "SNAPSHOT_KEY"'


def test_a_move_with_encrypted_snapshots_is_as_any_other(pair: Pair, key: None) -> None:
    everything(pair)
    pair.moved()
    everything_is_there_once(pair)
    files = [file for file in (pair.folder / ".mamigrate" / "snapshots").rglob("*") if file.is_file()]
    assert len(files) > 10
    assert not [file for file in files if b"x.example" in file.read_bytes()]


def test_without_its_key_a_run_does_not_go_on(pair: Pair, key: None, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(pair)
    pair.target.quirks.calls_left = 1
    assert pair.run().code == 5
    pair.target.quirks.calls_left = None
    monkeypatch.delenv("SNAPSHOT_KEY")
    said = pair.run()
    assert said.code == 2
    assert "SNAPSHOT_KEY is not set" in said.err
    del pair.toml["snapshots"]
    said = pair.run()
    assert said.code == 6
    assert "no key is configured" in said.err
    assert "[snapshots]" in said.err
