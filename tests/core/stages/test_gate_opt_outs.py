"""Who wins where a platform and its CRM disagree about an opt-out: what is told, and what stops the move."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mamigrate.contract import OptOutSync
from mamigrate.stages import gate


def told(mode: OptOutSync | None, choice: str | None = None) -> list[str]:
    side = SimpleNamespace(name="old", instance=SimpleNamespace(opt_out_sync=lambda: mode))
    decisions = SimpleNamespace(choice=lambda id: choice if id == "opt-out-sync/old" else None)
    return [one.code for one in gate.opt_out_sync(cast(Any, side), cast(Any, decisions))]


@pytest.mark.parametrize(
    ("mode", "stops"),
    [
        (OptOutSync.EITHER, False),
        (OptOutSync.OWN, False),
        (OptOutSync.LATEST, False),
        (OptOutSync.CRM, True),
        (OptOutSync.UNMAPPED, True),
        (OptOutSync.UNKNOWN, True),
    ],
)
def test_42_what_may_lose_an_opt_out_stops_until_somebody_decides(mode: OptOutSync, stops: bool) -> None:
    assert told(mode) == told(mode, "refuse") == ["opt_out_sync", *(["opt_out_sync_loses"] if stops else [])]
    assert told(mode, "accept") == ["opt_out_sync"]


def test_without_a_crm_there_is_nothing_to_tell() -> None:
    assert told(None) == []
