"""One call to a vendor and its reply, as values that can be named without showing what they carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from mamigrate.errors import MamigrateError


class Rejected(MamigrateError):
    """The vendor understood the call and said no for good; sending it again changes nothing and nothing was written.

    ``code`` is the vendor's own, ``said`` its message: that may hold personal data, so it is no part of the exception's
    text. ``status`` is the HTTP status, ``route`` method and template of the call where the session saw it.
    """

    def __init__(self, code: str, said: str = "", *, status: int = 0) -> None:
        super().__init__(code)
        self.code, self.said, self.status = code, said, status
        self.route = ""


class Unreadable(MamigrateError):
    """The body is not what the vendor promises: broken JSON, a login page, a truncated stream."""


@dataclass(frozen=True, slots=True)
class Call:
    """What to send. ``route`` is a template (``/crm/v3/lists/{id}``): only it ever shows in logs and exceptions.

    ``writes``: a lost reply must not be answered by sending again. ``scopes`` name further limits beside those of every
    call. ``anonymous``: no token is sent. ``seconds`` is how long the vendor may think, in wall time.
    """

    method: str
    route: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()
    json: Any = None
    form: Sequence[tuple[str, str]] | None = None
    writes: bool = False
    scopes: tuple[str, ...] = ()
    anonymous: bool = False
    seconds: float = 60.0

    def target(self) -> str:
        """Path and query. Commas stay as they are: lists of names would grow by half otherwise."""
        filled = self.route.format(**{name: quote(text, safe="") for name, text in self.path.items()})
        return f"{filled}?{urlencode(self.query, quote_via=quote, safe=',')}" if self.query else filled

    def body(self) -> bytes | None:
        if self.form is not None:
            return urlencode(self.form, quote_via=quote, safe=",").encode()
        return None if self.json is None else orjson.dumps(self.json)

    def content_type(self) -> str | None:
        if self.form is not None:
            return "application/x-www-form-urlencoded"
        return None if self.json is None else "application/json"

    def __repr__(self) -> str:
        return f"<{self.method} {self.route}>"


@dataclass(frozen=True)
class Reply:
    """What came back. ``headers`` have lower-case names."""

    call: Call
    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def data(self) -> Any:
        """The parsed JSON body, None when empty. Raises Unreadable."""
        if not self.body.strip():
            return None
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            pass  # Raised below, outside: the parser's exception quotes the body.
        raise Unreadable(f"{self.call!r}: not JSON")

    def __repr__(self) -> str:
        return f"<{self.status} to {self.call!r}, {len(self.body)} bytes>"
