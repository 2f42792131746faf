"""One mistake as data."""

from pathlib import Path
from typing import NamedTuple


class Mutant(NamedTuple):
    """``old`` stands exactly once in ``file`` and becomes ``new``; one of ``tests`` (files or node ids) must fail then."""

    mistake: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


class NotThere(Exception):
    """A mutant whose text does not stand exactly once in its file."""


def planted(mutant: Mutant, text: str) -> str:
    """The file with the mistake in it. Raises NotThere."""
    found = text.count(mutant.old)
    if found != 1:
        raise NotThere(f'"{mutant.mistake}": its text stands {found} times in {mutant.file}')
    return text.replace(mutant.old, mutant.new)


def missing(mutant: Mutant, root: Path) -> list[str]:
    """Tests of a mutant that are not there."""
    return [test for test in mutant.tests if not _is_there(root, *test.partition("::")[::2])]


def _is_there(root: Path, file: str, name: str) -> bool:
    path = root / file
    wanted = f"def {name.rpartition('::')[2].partition('[')[0]}("
    return path.is_file() and (not name or wanted in path.read_text(encoding="utf-8"))
