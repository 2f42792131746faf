"""Other paths for the same routes: date-versioned ones, older spellings, trailing slashes."""

import re
from collections.abc import Callable, Iterable
from typing import Any

_DATE = r"20\d\d-(?:03|09)(?:-beta)?"
_REWRITES = [
    (re.compile(rf"^/crm/associations/{_DATE}/"), "/crm/v4/associations/"),
    (re.compile(rf"^/crm/objects/{_DATE}/([^/]+)/([^/]+)/associations/"), r"/crm/v4/objects/\1/\2/associations/"),
    (re.compile(rf"^/crm/(objects|properties|lists|owners|pipelines)/{_DATE}(?=/|$)"), r"/crm/v3/\1"),
    (re.compile(rf"^/automation/{_DATE}/"), "/automation/v4/"),
    (re.compile(rf"^/marketing/(emails|campaigns|forms|marketing-events)/{_DATE}(?=/|$)"), r"/marketing/v3/\1"),
    (re.compile(rf"^/communication-preferences/{_DATE}/"), "/communication-preferences/v4/"),
    (re.compile(rf"^/account-info/{_DATE}/"), "/account-info/v3/"),
    (re.compile(rf"^/files/{_DATE}/"), "/files/v3/"),
    (re.compile(r"^/crm/associations/v4/"), "/crm/v4/associations/"),
    (re.compile(r"^/cms/pages/v3/"), "/cms/v3/pages/"),
    (re.compile(r"^/marketing/marketing-events/v3(?=/|$)"), "/marketing/v3/marketing-events"),
    (re.compile(r"^/oauth/v3/token$"), "/oauth/v1/token"),
]

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Aliases:
    """WSGI middleware: rewrites the path before routing."""

    def __init__(self, inner: Wsgi) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["PATH_INFO"] = canonical(environ.get("PATH_INFO", "/"))
        return self._inner(environ, start_response)


def canonical(path: str) -> str:
    """The path under which a route is registered."""
    for pattern, replacement in _REWRITES:
        path = pattern.sub(replacement, path)
    return path.rstrip("/") or "/"
