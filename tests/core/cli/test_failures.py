"""A bug is one sentence, wherever the project lies."""

from pathlib import Path

import duckdb
import pytest

from mamigrate.cli import failures


def test_a_bug_is_told_where_the_project_takes_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / ".mamigrate").symlink_to(tmp_path / "elsewhere")
    words = ["run", "--project", str(tmp_path / "project")]
    assert failures.tell(ValueError("ana@x.example"), words, debug=True) == failures.BUG
    said = capsys.readouterr().err
    assert said.startswith("This is a bug in mamigrate (ValueError).")
    assert failures.NO_FILE in said
    assert "ana@" not in said
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_full_disk_is_no_bug_although_the_engine_says_it_in_words_of_its_own() -> None:
    problem = 'TransactionContext Error: Failed to commit: Could not write file "engine.wal": No space left on device'
    lines, code = failures.sentence(duckdb.TransactionException(problem))
    assert (lines[0], code) == ("The disk is full.", failures.LOCAL)
    assert "make room" in lines[1]
    assert failures.sentence(duckdb.TransactionException("Conflict on update"))[1] == failures.BUG
