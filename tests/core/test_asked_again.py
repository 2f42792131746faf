"""An answer that nobody understands is asked for again, where asking changes nothing."""

from collections.abc import Sequence
from typing import Any

import pytest

from mamigrate import kept
from mamigrate.contract import Change
from mamigrate.errors import Unreachable
from mamigrate.http.call import Unreadable
from mamigrate.model.kinds import Kind
from mamigrate.promises import Promises


class Muddled:
    """Says something that nobody understands so many times."""

    def __init__(self, times: int) -> None:
        self.times, self.asked = times, 0

    def find(self, kind: Kind, by: str, values: Sequence[str], fields: Sequence[str]) -> list[Any]:
        return self._muddle()

    def write(self, kind: Kind, changes: Sequence[Change]) -> list[Any]:
        return self._muddle()

    def _muddle(self) -> list[Any]:
        self.asked += 1
        if self.asked <= self.times:
            raise Unreadable("a record without an id")
        return []


def asked(instance: Muddled, name: str, *given: Any) -> Any:
    return kept._kept(Promises("kit", "acme", "new"), name, getattr(instance, name))(*given)


@pytest.mark.parametrize("times", range(kept.ANEW))
def test_what_is_looked_up_is_asked_for_again(times: int) -> None:
    instance = Muddled(times)
    assert asked(instance, "find", Kind.PERSON, "id", ["5"], []) == []
    assert instance.asked == times + 1


def test_it_is_not_asked_for_for_ever() -> None:
    instance = Muddled(kept.ANEW)
    with pytest.raises(Unreachable, match="find"):
        asked(instance, "find", Kind.PERSON, "id", ["5"], [])
    assert instance.asked == kept.ANEW


def test_a_write_is_never_repeated_for_it() -> None:
    instance = Muddled(1)
    with pytest.raises(Unreachable, match="write"):
        asked(instance, "write", Kind.PERSON, [])
    assert instance.asked == 1
