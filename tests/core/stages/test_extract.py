"""Reading a side to its end: pages that lead back to one another end it, and nothing is taken for a whole."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mamigrate.clock import HandClock
from mamigrate.contract import Content, Landed, Page
from mamigrate.errors import Refused, Unreachable
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import extract
from mamigrate.stages.move import Side
from rows import NOW, person


def side(following: dict[str | None, str | None]) -> Side:
    """One whose pages of people lead where ``following`` says."""

    def read(kind: Kind, cursor: str | None) -> Page:
        return Page(Landed(b"{}", {}), Content({kind: [person(str(cursor), "a@x.example")]}), following[cursor])

    instance = SimpleNamespace(read=read, reads=lambda: (Kind.PERSON,), info=lambda: SimpleNamespace(instance_id="1"))
    return Side("old", cast(Any, None), cast(Any, None), cast(Any, instance), HandClock())


@pytest.mark.parametrize("back", ["a", "b", "c"])
def test_pages_in_a_circle_end_the_run_and_nothing_is_called_whole(tmp_path: Path, back: str) -> None:
    snapshot = Snapshot.begin(tmp_path, "s", "old", "memory", NOW)
    with pytest.raises(Unreachable):
        extract.begin(side({None: "a", "a": "b", "b": "c", "c": back}), snapshot, [Kind.PERSON], lambda *_: None)
    assert not Snapshot.open(snapshot.folder).manifest.of(Kind.PERSON).done


def test_pages_that_go_on_are_read_to_their_end(tmp_path: Path) -> None:
    snapshot = Snapshot.begin(tmp_path, "s", "old", "memory", NOW)
    extract.begin(side({None: "a", "a": "b", "b": None}), snapshot, [Kind.PERSON], lambda *_: None)
    state = Snapshot.open(snapshot.folder).manifest.of(Kind.PERSON)
    assert (state.done, state.rows) == (True, 3)


def lapsing(times: int, *, access: bool) -> tuple[Side, list[str | None]]:
    """Three pages; the token of the last one is refused so often."""
    made, asked = side({None: "a", "a": "b", "b": None}), list[str | None]()
    read = made.instance.read

    def refusing(kind: Kind, cursor: str | None) -> Page:
        asked.append(cursor)
        if cursor == "b" and asked.count("b") <= times:
            raise Refused("old", "GET /people: 400", access=access)
        return read(kind, cursor)

    made.instance.read = refusing  # type: ignore[method-assign]  # a namespace in a test
    return made, asked


def test_a_listing_whose_page_is_refused_begins_anew(tmp_path: Path) -> None:
    snapshot = Snapshot.begin(tmp_path, "s", "old", "memory", NOW)
    made, asked = lapsing(1, access=False)
    extract.begin(made, snapshot, [Kind.PERSON], lambda *_: None)
    assert asked == [None, "a", "b", None, "a", "b"]
    assert Snapshot.open(snapshot.folder).manifest.of(Kind.PERSON).done


@pytest.mark.parametrize(
    ("times", "access", "ends"),
    [(4, False, Unreachable), (1, True, Refused)],
    ids=["again and again: try later", "a permission: see to it"],
)
def test_a_refusal_that_stays_ends_the_run(tmp_path: Path, times: int, access: bool, ends: type[Exception]) -> None:
    snapshot = Snapshot.begin(tmp_path, "s", "old", "memory", NOW)
    made, _ = lapsing(times, access=access)
    with pytest.raises(ends):
        extract.begin(made, snapshot, [Kind.PERSON], lambda *_: None)
    assert not Snapshot.open(snapshot.folder).manifest.of(Kind.PERSON).done
