"""What stands before every call: sizes, token, rate, concurrency and daily quota; and the tally afterwards.

Facts: Adobe's REST pages on limits and error codes. The window and the quota belong to the instance, whoever calls.
"""

import gzip
import threading
from collections import deque

from flask import Flask, Response, g, request

from mamigrate_sandbox.marketo import imports, permissions, tokens
from mamigrate_sandbox.marketo.envelope import Broken, Refused
from mamigrate_sandbox.marketo.instance import Instance

UNCOUNTED = {"601", "602", "604", "605", "608", "611"}
BODY_BYTES = 1024 * 1024


class Gate:
    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._lock = threading.Lock()
        self._recent: deque[float] = deque()
        self._running = 0

    def install(self, app: Flask) -> None:
        app.before_request(self.enter)
        app.after_request(self.tally)
        app.teardown_request(self.leave)

    def enter(self) -> None:
        sizes()
        if not request.path.startswith("/identity/"):
            tokens.check(self._instance)
            permissions.check(self._instance)
            self._quota()
            self._rate()
            self._concurrency()
            imports.settle(self._instance)
        if request.routing_exception is not None:
            raise request.routing_exception

    def leave(self, error: BaseException | None) -> None:
        if g.pop("counted", False):
            with self._lock:
                self._running -= 1

    def tally(self, response: Response) -> Response:
        """Count the call by its route, and against the day's quota unless its code is free of charge."""
        store, code = self._instance.store, g.get("code")
        rule = request.url_rule.rule if request.url_rule else "(no such path)"
        store.add(f"call/{request.method} {rule}")
        if not request.path.startswith("/identity/"):
            day = self._instance.quota_day()
            if code not in UNCOUNTED:
                store.add(f"usage/{day}")
            if code is not None:
                store.add(f"errors/{day}/{code}")
        return self._compressed(response)

    def _quota(self) -> None:
        most = int(self._instance.switch("calls_per_day"))
        if self._instance.store.add(f"usage/{self._instance.quota_day()}", 0) >= most:
            raise Refused("607", f"Max daily quota '{most}' reached")

    def _rate(self) -> None:
        most, seconds = int(self._instance.switch("calls_per_window")), float(self._instance.switch("window_seconds"))
        now = self._instance.clock.seconds()
        with self._lock:
            while self._recent and self._recent[0] <= now - seconds:
                self._recent.popleft()
            if len(self._recent) >= most:
                raise Refused("606", f"Max rate limit '{most}' exceeded with in '{seconds:g}' secs")
            self._recent.append(now)

    def _concurrency(self) -> None:
        most = int(self._instance.switch("concurrent_calls"))
        with self._lock:
            if self._running >= most:
                raise Refused("615", f"Concurrent access limit '{most}' reached")
            self._running += 1
            g.counted = True

    def _compressed(self, response: Response) -> Response:
        if (
            request.path.startswith("/bulk/")
            or not self._instance.switch("gzip")
            or "gzip" not in request.headers.get("Accept-Encoding", "")
            or response.is_streamed
            or len(response.get_data()) < 1024
        ):
            return response
        response.set_data(gzip.compress(response.get_data(), compresslevel=1))
        response.headers["Content-Encoding"] = "gzip"
        return response


def sizes() -> None:
    """413 for a body above 1 MB (10 MB for a bulk file), 414 for an address above 8 KB."""
    if len(request.full_path) > 8192:
        raise Broken(414, "Request-URI Too Long")
    upload = request.path.startswith("/bulk/") and request.method == "POST"
    if (request.content_length or 0) > (
        10 * BODY_BYTES + 65_536 if upload else BODY_BYTES
    ):  # the multipart frame is not the file
        raise Broken(413, "Request Entity Too Large")
