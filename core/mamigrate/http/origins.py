"""Which hosts a connection may talk to: https, or loopback; nothing else, whatever a link or a redirect says."""

import ipaddress
import re
from urllib.parse import urljoin, urlsplit

from mamigrate.errors import Unreachable, UsageError

Origin = tuple[str, str, int]
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\]")
_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> Origin | None:
    """Scheme, host and port of an absolute URL; None when anything about it is odd.

    Odd are user names, back-slashes, control characters, hosts beyond plain ASCII letters, and trailing dots: each has
    been used to make two readers of one URL see two hosts.
    """
    if not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme, authority = parts.scheme.lower(), parts.netloc.lower()
    host = authority.rpartition(":")[0] if port is not None else authority
    if scheme not in _PORTS or "@" in authority or not _HOST.fullmatch(host):
        return None
    return scheme, host, _PORTS[scheme] if port is None else port


def is_loopback(url: str) -> bool:
    """True for 127.0.0.0/8, ::1 and ``localhost`` only."""
    found = origin(url)
    if found is None:
        return False
    host = found[1].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _home(base_url: str, where: str) -> Origin:
    """The origin of a base URL. Raises UsageError that says what to write instead."""
    found = origin(base_url)
    if found is None:
        bare = re.fullmatch(r"(?:[a-z]*:?/{1,2})?([\w.-]+(?::\d+)?)/*", base_url)
        right = f"write https://{bare[1]}" if bare else "write https:// and the host, nothing else"
        raise UsageError(f"base_url is no address; {right}", where=where)  # Not quoted: it may hold a password.
    parts = urlsplit(base_url)
    right = f"{'http' if is_loopback(base_url) else 'https'}://{parts.netloc}"
    if found[0] != "https" and not is_loopback(base_url):
        raise UsageError(
            f"base_url begins with http://, which shows the secrets to everybody; write {right}", where=where
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise UsageError(f"base_url goes on after the host; write {right}", where=where)
    return found


class Origins:
    """The allow-list of one connection: its base URL and hosts that the adapter names."""

    def __init__(self, connection: str, base_url: str, others: tuple[str, ...] = ()) -> None:
        self.base = base_url.rstrip("/")
        self._connection = connection
        self.home = home = _home(base_url, f"connections.{connection}.base_url")
        self._allowed = {home, *(found for url in others if (found := origin(url)))}

    def admit(self, url: str) -> str:
        """``url`` itself when its origin is allowed. Raises Unreachable; the URL is not in its text."""
        if origin(url) not in self._allowed:
            raise Unreachable(self._connection, "a link or redirect leads to a host that is not allowed")
        return url

    def follow(self, url: str, place: str) -> str:
        """Where a redirect from ``url`` leads. Raises Unreachable where that is not allowed, or no address at all."""
        try:
            found = urljoin(url, place)
        except ValueError:
            found = ""
        return self.admit(found)

    def at_home(self, url: str) -> bool:
        """True when the token may go there."""
        return origin(url) == self.home
