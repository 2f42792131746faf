"""Snapshots encrypted at rest: nothing of anybody is on the disk, the engine reads them, another key reads nothing."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from mamigrate.contract import Content, Landed
from mamigrate.errors import DamagedSnapshot, UsageError
from mamigrate.findings import Finding, Severity
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.cipher import Cipher
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.folder import Snapshot
from rows import person

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAME = "Hanako-Canary"
KEY = Cipher(bytes(range(32)))
OTHER = Cipher(bytes(32))


def normalise(kind: Kind, landed: Landed) -> Content:
    rows = [person(key, f"{key}@x.example", name=NAME) for key in orjson.loads(landed.body)["keys"]]
    return Content({kind: rows}, [Finding("odd", Severity.NOTE, f"old/person/{NAME}", {"value": NAME})])


@pytest.fixture
def filled(tmp_path: Path) -> Callable[[Cipher | None], Snapshot]:
    """A sealed snapshot of two pages, filled in two sittings."""

    def fill(cipher: Cipher | None) -> Snapshot:
        made = Snapshot.begin(tmp_path, "old-1", "old", "memory", NOW, cipher)
        made.land(Kind.PERSON, Landed(orjson.dumps({"keys": ["1", "2"], "who": NAME}), {}), "2")
        made.checkpoint()
        made.close()
        again = Snapshot.open(made.folder, cipher)
        again.land(Kind.PERSON, Landed(orjson.dumps({"keys": ["3"], "who": NAME}), {}), None)
        again.seal(normalise, lambda content: content, NOW)
        return Snapshot.open(made.folder, cipher)

    return fill


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_nothing_of_anybody_is_on_the_disk_and_everything_is_read(
    filled: Callable[[Cipher | None], Snapshot], tmp_path: Path
) -> None:
    made = filled(KEY)
    assert NAME.encode() not in on_disk(made.folder)
    assert b"x.example" not in on_disk(made.folder)
    engine = Engine(tmp_path / "spill")
    rows = engine.rows(engine.table(made, Kind.PERSON).order_by("key"))
    assert [(row["key"], dict(row["values"])["name"]) for row in rows] == [("1", NAME), ("2", NAME), ("3", NAME)]
    assert [orjson.loads(page.body)["keys"] for page in made.landed(Kind.PERSON)] == [["1", "2"], ["3"]]
    assert [one.params["value"] for one in made.known_problems()] == [NAME]


def test_without_a_key_the_disk_tells(filled: Callable[[Cipher | None], Snapshot]) -> None:
    """Otherwise the silence above would prove nothing."""
    made = filled(None)
    assert NAME.encode() in on_disk(made.folder)
    assert Snapshot.open(made.folder, KEY).known_problems() == made.known_problems()


@pytest.mark.parametrize(("key", "told"), [(None, "no key is configured"), (OTHER, "another key")])
def test_another_key_opens_nothing(filled: Callable[[Cipher | None], Snapshot], key: Cipher | None, told: str) -> None:
    folder = filled(KEY).folder
    with pytest.raises(DamagedSnapshot, match=told):
        Snapshot.open(folder, key)


@pytest.mark.parametrize("at", [0.3, 0.9])
def test_a_changed_byte_is_seen(filled: Callable[[Cipher | None], Snapshot], at: float) -> None:
    made = filled(KEY)
    file = made.folder / "landed" / "person.ndjson.zst"
    content = bytearray(file.read_bytes())
    content[int(len(content) * at)] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(DamagedSnapshot):
        list(made.landed(Kind.PERSON))


def test_each_file_has_a_key_of_its_own_and_no_key_prints() -> None:
    keys = {KEY.of_file(one, name).key for one in ("old-1", "old-2") for name in ("a", "b")}
    assert len(keys) == 4
    assert KEY.key not in keys
    assert "\\x" not in repr(KEY) + repr(KEY.of_file("old-1", "a"))


@pytest.mark.parametrize("text", ["", "short", base64.b64encode(b"x" * 31).decode(), "ä" * 44])
def test_a_key_that_is_none_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError, match="32 random bytes") as refused:
        Cipher.of(text, "[snapshots].key_env")
    assert not text or text not in str(refused.value)
