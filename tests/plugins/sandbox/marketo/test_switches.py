"""The list of switches."""

from pathlib import Path

import pytest

from mamigrate_sandbox.marketo import switches


def test_every_switch_is_read_somewhere_and_explained() -> None:
    folder = Path(switches.__file__).parent
    source = "".join(path.read_text() for path in folder.glob("*.py") if path.name != "switches.py")
    unread = [name for name in switches.SWITCHES if f'switch("{name}")' not in source]
    assert unread == []
    assert all(switch.meaning for switch in switches.SWITCHES.values())


def test_a_stored_value_wins_over_the_default_and_an_unknown_name_is_an_error() -> None:
    assert switches.read({}, "calls_per_window") == 100
    assert switches.read({"calls_per_window": 5}, "calls_per_window") == 5
    with pytest.raises(KeyError):
        switches.read({}, "no_such_switch")
