"""Which cases of the suite an adapter gets: chosen from its capability rows when tests are collected, never skipped."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, TypeVar

import pytest

from mamigrate.capabilities import Power
from mamigrate.contract import Adapter
from mamigrate.model.kinds import Kind

F = TypeVar("F", bound=Callable[..., None])
Chooser = Callable[[type["Chosen"]], Sequence[Kind | None]]
_MARK = "_mamigrate_kinds"


class Chosen:
    """Base of the suite's classes. ``adapter`` and ``protocols`` are class attributes, so that cases can be chosen early.

    ``protocols`` are the optional ones that the instance keeps and no capability row speaks of (``DependentReader``,
    ``ConsentFields``, ``QuotaMeter``, ``Counter``, ``ExclusionSource``, ``PartlyClosed``, ``PushMeter``,
    ``LinkedOptOuts``).
    """

    adapter: ClassVar[Adapter]
    protocols: ClassVar[tuple[type, ...]] = ()

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if not hasattr(cls, "adapter"):
            return
        for name in dir(cls):
            chooser: Chooser | None = getattr(getattr(cls, name), _MARK, None)
            if chooser is not None and not chooser(cls):
                setattr(cls, name, None)  # pytest collects functions only: this one has nothing to look at

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Called by pytest for each case: one test a kind."""
        chooser: Chooser | None = getattr(metafunc.function, _MARK, None)
        if chooser is not None and "kind" in metafunc.fixturenames:
            metafunc.parametrize("kind", chooser(type(self)), ids=str)


RECORDS = tuple(kind for kind in Kind if kind is not Kind.ACTIVITY)
"""Kinds that are there once, however often they are written; activities have cases of their own."""


def each(*powers: Power, of: Iterable[Kind] = RECORDS, keyed: bool = False) -> Callable[[F], F]:
    """A case for every kind of ``of`` that the adapter has all these powers over (and, ``keyed``, a key field for)."""
    among = tuple(of)

    def choose(cls: type[Chosen]) -> Sequence[Kind | None]:
        kinds = [kind for kind in among if all(cls.adapter.capabilities.can(kind, power) for power in powers)]
        return [kind for kind in kinds if not keyed or kind in cls.adapter.key_fields]

    return _marking(choose)


def with_protocol(protocol: type) -> Callable[[F], F]:
    """A case for adapters that name ``protocol`` among theirs."""
    return _marking(lambda cls: (None,) if protocol in cls.protocols else ())


def _marking(choose: Chooser) -> Callable[[F], F]:
    def mark(case: F) -> F:
        setattr(case, _MARK, choose)
        return case

    return mark
