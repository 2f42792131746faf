"""The one requests session of a connection: what adapters call, and the only place that sends anything."""

import logging
import random
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from ssl import SSLCertVerificationError

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from mamigrate.clock import Clock
from mamigrate.contract import Connection
from mamigrate.contract.limits import Limit
from mamigrate.errors import (
    Indeterminate,
    MamigrateError,
    QuotaExhausted,
    Refused,
    Retry,
    Throttled,
    TokenExpired,
    Transient,
    Unreachable,
)
from mamigrate.http import body, quiet, tally, transports
from mamigrate.http.breaker import Breaker
from mamigrate.http.call import Call, Rejected, Reply, Unreadable
from mamigrate.http.codes import LONGEST_WAIT
from mamigrate.http.limits import Pacer, Reading
from mamigrate.http.origins import Origins, is_loopback
from mamigrate.http.patience import Patience
from mamigrate.http.token import TokenSource
from mamigrate.http.whole import Ending

_log = logging.getLogger("mamigrate.http")
_CONNECT_SECONDS = 10.0
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 3
_MOST_RENEWALS = 2

Judge = Callable[[Reply], MamigrateError | None]
"""Looks at a whole reply and returns the exception that it stands for, or None when it is a success."""


def _learn_nothing(headers: Mapping[str, str]) -> Iterable[Reading]:
    return ()


@dataclass(frozen=True)
class Manners:
    """What a vendor wants of its callers. ``share`` of every limit is ours. ``hosts`` are further base URLs."""

    judge: Judge
    limits: tuple[Limit, ...] = ()
    share: float = 0.9
    learn: Callable[[Mapping[str, str]], Iterable[Reading]] = _learn_nothing
    hosts: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class _Bearer(AuthBase):
    """Given to every call, token or not: without an auth object, requests would take one from a ``.netrc`` file."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Session:
    """Sends calls of one connection from any number of threads. No call is made before the first ``send``."""

    def __init__(
        self,
        connection: Connection,
        base_url: str,
        clock: Clock,
        manners: Manners,
        *,
        chance: random.Random | None = None,
    ) -> None:
        quiet.hush()
        self.connection = connection.name
        self.token: TokenSource | None = None
        self.pacer = Pacer(connection.name, clock, manners.limits, manners.share)
        self._clock, self._manners = clock, manners
        self._origins = Origins(connection.name, base_url, manners.hosts)
        self._breaker = Breaker(clock)
        self._chance = chance or transports.chance(base_url)
        self._threads = threading.local()

    def send(self, call: Call) -> Reply:
        """The reply to a successful call.

        Raises Rejected (the vendor says no for good), Refused, QuotaExhausted, Unreachable (nothing was written), and
        for a call that writes also Indeterminate: its reply was lost, and it may have been carried out.
        """
        patience, renewals = Patience(self._chance), 0
        while True:
            trouble = self._attempt(call)
            if isinstance(trouble, Reply):
                return trouble
            if isinstance(trouble, TokenExpired) and renewals < _MOST_RENEWALS:
                renewals += 1  # The token was renewed; a fresh one needs no waiting.
                continue
            self._clock.sleep(self._wait_or_raise(call, trouble, patience))

    def _wait_or_raise(self, call: Call, trouble: MamigrateError, patience: Patience) -> float:
        if isinstance(trouble, TokenExpired):
            raise Refused(self.connection, "every new access token is refused at once")
        if call.writes and isinstance(trouble, Transient):
            raise Indeterminate(f"{call!r}: {trouble.reason}")
        if isinstance(trouble, Rejected):
            trouble.route = f"{call.method} {call.route}"
        if not isinstance(trouble, Retry):
            raise trouble
        if (trouble.after or 0) > LONGEST_WAIT or (wait := patience.next(trouble.after)) is None:
            raise Unreachable(self.connection, f"{call!r}: {trouble.reason}")
        _log.info("%s %s %s: waiting %.1f s", self.connection, call.method, call.route, wait)
        return wait

    def _attempt(self, call: Call) -> Reply | MamigrateError:
        """One try: a reply that the vendor means as success, or what went wrong."""
        token = self._token(call)  # Before the breaker: fetching one is a call of its own.
        rest = self._breaker.wait()
        if rest > 0:
            return Throttled("the host fails too often and is left alone", after=rest)
        try:
            with self.pacer.turn(call.scopes):
                tally.note(self.connection)
                result = self._exchange(call, token)
        except QuotaExhausted:
            self._breaker.record(failed=False)
            raise
        trouble = result if isinstance(result, MamigrateError) else self._judge(result)
        self._breaker.record(failed=isinstance(trouble, Transient | _NotSent))
        if isinstance(trouble, TokenExpired) and self.token is not None and token is not None:
            self.token.renew(token)
        if isinstance(trouble, QuotaExhausted):
            self.pacer.exhaust(trouble.quota)
            resets_at = trouble.resets_at or self.pacer.resets_at(trouble.quota)
            return QuotaExhausted(self.connection, trouble.quota, resets_at=resets_at)
        return trouble if trouble is not None else result

    def _token(self, call: Call) -> str | None:
        return None if call.anonymous or self.token is None else self.token.current()

    def _judge(self, reply: Reply) -> MamigrateError | None:
        try:
            return self._manners.judge(reply)
        except Unreadable as error:
            return Transient(str(error))

    def _exchange(self, call: Call, token: str | None) -> Reply | MamigrateError:
        """Send and read. Exceptions of the libraries below become values here: their texts quote whole URLs."""
        try:
            reply = self._travel(call, token)
        except requests.exceptions.SSLError as error:
            return self._unsafe(error)
        except (requests.exceptions.ConnectionError, requests.exceptions.InvalidSchema) as error:
            return _NotSent(self._unconnected(error)) if _never_left(error) else Transient("the connection broke")
        except (requests.RequestException, HTTPError, HTTPException, OSError) as error:
            return Transient(type(error).__name__)
        except Unreadable as error:
            return Transient(str(error))
        except Unreachable as error:
            return error
        for reading in self._manners.learn(reply.headers):
            self.pacer.learn(reading)
        self.pacer.received(len(reply.body), call.scopes)
        _log.debug("%s %s %s -> %d", self.connection, call.method, call.route, reply.status)
        return reply

    def _travel(self, call: Call, token: str | None) -> Reply:
        """Follow at most three redirects of a read, each checked against the allow-list, the token only at home."""
        url = self._origins.admit(self._origins.base + call.target())
        for _ in range(_MOST_REDIRECTS + 1):
            with self._request(call, url, token if self._origins.at_home(url) else None) as response:
                if response.status_code not in _REDIRECTS or call.writes:
                    return _reply(call, response)
                url = self._origins.follow(url, response.headers.get("Location", ""))
        raise Unreachable(self.connection, f"{call!r}: too many redirects")

    def _unsafe(self, error: Exception) -> MamigrateError:
        """A certificate that is not accepted is no matter of patience, and nothing was sent."""
        if not _caused_by(error, SSLCertVerificationError):
            return Transient("the connection broke")
        host = self._origins.home[1]
        return Unreachable(
            self.connection,
            f"the certificate of {host} is not accepted: look at the date here, and whether it has expired",
        )

    def _unconnected(self, error: Exception) -> str:
        """Why no connection came about. A name that nobody knows is most often a slip of the pen."""
        if not _caused_by(error, NameResolutionError):
            here = is_loopback(self._origins.base)
            way = ": start the sandboxes again" if here else ": look at the network, or whether the platform is down"
            return f"no connection to {self._origins.home[1]}{way}"
        return f"no host is called {self._origins.home[1]}: look at connections.{self.connection}.base_url, and at the network"

    def _request(self, call: Call, url: str, token: str | None) -> requests.Response:
        headers = {**self._manners.headers, "Accept-Encoding": "gzip, deflate"}
        if (content_type := call.content_type()) is not None:
            headers["Content-Type"] = content_type
        return self._requests().request(
            call.method,
            url,
            data=call.body(),
            headers=headers,
            auth=_Bearer(token),
            timeout=(_CONNECT_SECONDS, call.seconds),
            allow_redirects=False,
            stream=True,
        )

    def _requests(self) -> requests.Session:
        """One session a thread: requests promises nothing about sharing."""
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is None:
            session = _Requests()
            # Proxies and certificates of the environment are the user's wish, but not on the way to this machine.
            session.trust_env = not is_loopback(self._origins.base)
            session.headers["User-Agent"] = "mamigrate"
            for scheme in ("http://", "https://"):
                session.mount(scheme, Ending())
            for prefix, adapter in transports.mounts().items():
                session.mount(prefix, adapter)
            self._threads.session = session
        return session


class _Requests(requests.Session):
    """Redirects are ours: the library would parse them even when told not to follow, and raise on strange ones."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class _NotSent(Throttled):
    """No connection came about, so nothing ran."""


def _reply(call: Call, response: requests.Response) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(call, response.status_code, headers, body.read(response))


def _never_left(error: Exception) -> bool:
    """True when the connection was refused or never came about: no byte of the call was sent."""
    return isinstance(error, requests.exceptions.ConnectTimeout) or _caused_by(error, NewConnectionError)


def _caused_by(error: Exception, kind: type[Exception]) -> bool:
    """Whether one of the errors inside this one is of a kind."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, kind) or isinstance(getattr(seen, "reason", None), kind):
            return True
        seen = next(
            (one for one in (getattr(seen, "reason", None), *seen.args[:1]) if isinstance(one, BaseException)), None
        )
    return False
