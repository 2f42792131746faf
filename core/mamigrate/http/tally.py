"""How many calls this process made, by connection: what a forecast is held against. Vendors count everybody's, and forget at midnight."""

import threading
from collections import Counter
from collections.abc import Mapping

_made, _turn = Counter[str](), threading.Lock()


def note(connection: str) -> None:
    """A call was sent, whatever became of it."""
    with _turn:
        _made[connection] += 1


def calls() -> Mapping[str, int]:
    """All calls of this process so far."""
    with _turn:
        return dict(_made)
