"""The way between the program and a vendor: it takes time, and a trace keeps what went over it."""

import hashlib
from random import Random
from typing import TYPE_CHECKING, Any

import requests

from mamigrate_sandbox.serve import InProcess
from mamigrate_sandbox.simulation.time import Time

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SLOW = 0.05
"""Share of calls that take more than five seconds (reliability sheet, fault mix)."""


class Trace:
    """What was sent and answered, in order. Two runs of one seed must have the same ``digest``."""

    def __init__(self) -> None:
        self.calls = 0
        self._hash = hashlib.sha256()

    def note(self, at: float, request: requests.PreparedRequest, answer: str) -> None:
        self.calls += 1
        body = request.body or b""
        sent = hashlib.sha256(body.encode() if isinstance(body, str) else bytes(body)).hexdigest()
        self._hash.update(f"{at:.3f} {request.method} {request.url} {sent} {answer}\n".encode())

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


class Wire(InProcess):
    """A transport of requests into ``app``. Raises what requests raises when an answer is cut or comes too late."""

    def __init__(self, app: "WSGIApplication", time: Time, dice: Random, trace: Trace) -> None:
        super().__init__(app)
        self._time, self._dice, self._trace = time, dice, trace

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        began = self._time.monotonic()
        self._time.advance(self._latency())
        try:
            answer = super().send(request, *args, **more)
        except requests.ConnectionError:
            self._trace.note(began, request, "cut")
            raise
        self._time.advance(self._latency())
        if self._time.monotonic() - began > _patience(more.get("timeout")):
            self._trace.note(began, request, "late")
            raise requests.ReadTimeout("no answer in time", request=request)
        self._trace.note(began, request, str(answer.status_code))
        return answer

    def _latency(self) -> float:
        """Seconds of one way: 10 to 400 ms as a rule."""
        slow = self._dice.random() < SLOW
        return self._dice.uniform(2.5, 6) if slow else self._dice.uniform(0.01, 0.4)


def _patience(timeout: Any) -> float:
    """Seconds that the caller waits for an answer."""
    reading = timeout[1] if isinstance(timeout, tuple) else timeout
    return float(reading) if reading is not None else float("inf")
