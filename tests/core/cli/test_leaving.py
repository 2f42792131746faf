"""SIGINT and SIGTERM: a command leaves at its next clean point, and within five seconds where none comes."""

import os
import signal
import threading
import time

import pytest

from mamigrate.cli import progress
from mamigrate.cli.progress import interruptible, undisturbed
from mamigrate.errors import Interrupted

AT_MOST = 5.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def silent(*_: object) -> None:
    """Tells nobody."""


def ask(number: int) -> None:
    """Send a signal to this process in a moment, while it is at work."""
    threading.Timer(0.2, os.kill, (os.getpid(), number)).start()


@pytest.mark.parametrize("number", SIGNALS)
def test_where_no_clean_point_comes_it_leaves_all_the_same(number: int) -> None:
    before = [signal.getsignal(one) for one in (*SIGNALS, signal.SIGALRM)]
    began = time.monotonic()
    with pytest.raises(Interrupted), interruptible(silent):
        ask(number)
        time.sleep(60)  # As one who was asked by a platform to wait a minute.
    assert time.monotonic() - began < AT_MOST
    assert [signal.getsignal(one) for one in (*SIGNALS, signal.SIGALRM)] == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_clean_point_is_waited_for(number: int) -> None:
    done: list[int] = []
    with pytest.raises(Interrupted), interruptible(silent) as tell:
        os.kill(os.getpid(), number)
        time.sleep(0.1)
        done.append(1)
        tell("write", 1, 2)
        done.append(2)
    assert done == [1]


def test_what_is_noted_at_the_end_is_not_disturbed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "CLEAN_S", 0.05)
    noted = False
    with interruptible(silent):
        os.kill(os.getpid(), signal.SIGTERM)
        with undisturbed():
            time.sleep(0.2)
            noted = True
    assert noted
