"""Entry points are found without the library's own reader, and alike."""

import sys
from importlib.metadata import entry_points
from pathlib import Path

from mamigrate.registry import GROUP, declared


def test_entry_points_are_those_that_the_library_finds() -> None:
    assert set(declared(sys.path)) == {(point.name, point.value) for point in entry_points(group=GROUP)}


def test_the_first_package_of_a_name_wins_and_other_groups_are_left_out(tmp_path: Path) -> None:
    for folder, module in (("a", "first"), ("b", "second")):
        info = tmp_path / folder / "thing-1.0.dist-info"
        info.mkdir(parents=True)
        text = f"[console_scripts]\nx = y:z\n\n[{GROUP}]\n# a remark\nthing = {module}:plugin [extra]\n"
        (info / "entry_points.txt").write_text(text)
    assert list(declared([str(tmp_path / "a"), str(tmp_path / "b")])) == [("thing", "first:plugin")]
