"""The catalogue of mistakes fits the tree; what tries them judges rightly, and never by the tree itself (``make mutants``)."""

from collections import Counter
from pathlib import Path

import pytest

from mutants.__main__ import ROOT, campaign, sound
from mutants.catalogue import MUTANTS
from mutants.mutant import Mutant, NotThere, missing, planted
from mutants.trial import Copy, Verdict

# --- the catalogue -------------------------------------------------------------------------------------------------------


def test_every_mistake_has_its_place_and_is_still_a_program() -> None:
    assert len(MUTANTS) >= 60
    for one in MUTANTS:
        compile(planted(one, (ROOT / one.file).read_text(encoding="utf-8")), one.file, "exec")


def test_every_mistake_changes_something_and_has_tests_that_are_there() -> None:
    assert [one.mistake for one in MUTANTS if one.old == one.new or not one.tests] == []
    assert [test for one in MUTANTS for test in missing(one, ROOT)] == []


def test_every_mistake_is_named_and_made_once() -> None:
    assert [name for name, number in Counter(one.mistake for one in MUTANTS).items() if number > 1] == []
    assert max(Counter((one.file, one.old, one.new) for one in MUTANTS).values()) == 1


@pytest.mark.parametrize("text", ["a = 1\n", "a < b\na < b\n"])
def test_a_mistake_without_its_one_place_is_refused(text: str) -> None:
    with pytest.raises(NotThere, match="stands"):
        planted(Mutant("the other way round", "core/thing.py", "a < b", "a > b", ()), text)


# --- what tries them -----------------------------------------------------------------------------------------------------

LESS = Mutant("equal is less", "core/thing/order.py", "a < b", "a <= b", ("tests/test_order.py",))
UNSEEN = Mutant("nobody looks", "core/thing/other.py", "x = 1", "x = 2", ("tests/test_order.py",))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tree of the shape of this one, with the witness that looks at what is imported."""
    files = {
        "core/thing/__init__.py": "",
        "core/thing/order.py": "def less(a, b):\n    return a < b\n",
        "core/thing/other.py": "x = 1\n",
        "tests/test_order.py": "from thing.order import less\n\n\ndef test_less():\n    assert less(1, 2)\n    assert not less(2, 2)\n",
        "pyproject.toml": '[tool.pytest.ini_options]\nmarkers = ["gate: -", "soak: -"]\n',
    }  # fmt: skip
    for name in ("__init__", "witness"):
        files[f"tests/support/mutants/{name}.py"] = (ROOT / f"tests/support/mutants/{name}.py").read_text()
    for name, text in files.items():
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(text)
    return tmp_path / "tree"


def test_a_mistake_is_killed_in_the_copy_and_the_tree_stays_as_it_is(tree: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}
    copy = Copy(tree, tmp_path / "copy")
    assert sound([copy], [LESS]) == ""
    (tried,) = campaign([copy], [LESS])
    assert (tried.verdict, tried.why) == (Verdict.KILLED, "FAILED tests/test_order.py::test_less")
    assert {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()} == before
    assert (copy.folder / LESS.file).read_text() == before[tree / LESS.file].decode()


def test_a_mistake_that_no_test_notices_survives(tree: Path, tmp_path: Path) -> None:
    (tree / "tests/test_order.py").write_text(
        "from thing.order import less\n\n\ndef test_less():\n    assert less(1, 2)\n"
    )
    assert Copy(tree, tmp_path / "copy").attempt(LESS).verdict is Verdict.SURVIVED


def test_a_mistake_in_a_file_that_no_test_imports_has_no_verdict(tree: Path, tmp_path: Path) -> None:
    tried = Copy(tree, tmp_path / "copy").attempt(UNSEEN)
    assert (tried.verdict, tried.why) == (Verdict.NO_VERDICT, "no test imports core/thing/other.py from the copy")


def test_what_is_imported_from_the_tree_itself_has_no_verdict(tree: Path, tmp_path: Path) -> None:
    """As an editable installation would be, were the copy not before it on the path."""
    here = f"import sys\n\nsys.path.insert(0, {str(tree / 'core')!r})\n"
    (tree / "tests/conftest.py").write_text(here)
    copy = Copy(tree, tmp_path / "copy")
    assert copy.attempt(LESS).why == "no test imports core/thing/order.py from the copy"
    assert sound([copy], [LESS]).startswith("imported from the tree itself: ")


def test_tests_that_do_not_run_say_nothing(tree: Path, tmp_path: Path) -> None:
    broken = LESS._replace(new="a <")
    assert Copy(tree, tmp_path / "copy").attempt(broken).verdict is Verdict.NO_VERDICT


def test_tests_that_fail_without_a_mistake_prove_nothing(tree: Path, tmp_path: Path) -> None:
    (tree / "core/thing/order.py").write_text("def less(a, b):\n    return a <= b  # a < b\n")
    assert "fail without any mistake" in sound([Copy(tree, tmp_path / "copy")], [LESS])
