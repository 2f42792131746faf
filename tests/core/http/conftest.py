"""A host that answers from a list, without a socket."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from mamigrate.clock import HandClock
from mamigrate.contract import Connection
from mamigrate.errors import MamigrateError
from mamigrate.http.call import Reply
from mamigrate.http.codes import Judgement, of_status, retry_after
from mamigrate.http.session import Manners, Session
from mamigrate.http.transports import standing

BASE = "https://vendor.example"


class Host(BaseAdapter):
    """Answers each request with the next of ``answers``: (status, body, headers), or an exception to raise."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Any] = []
        self.requests: list[PreparedRequest] = []

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else (200, b"{}", {})
        if isinstance(answer, Exception):
            raise answer
        status, body, headers = answer
        response = Response()
        response.status_code, response.request, response.url = status, request, str(request.url)
        response.headers.update(headers)
        response.raw = HTTPResponse(io.BytesIO(body), headers=headers, status=status, preload_content=False)
        return response

    def close(self) -> None:
        pass


def judge(reply: Reply) -> MamigrateError | None:
    if reply.status < 300:
        _ = reply.data
        return None
    code = of_status(reply.status)
    return Judgement("src").trouble(code, str(reply.status), status=reply.status, after=retry_after(reply.headers))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    with standing(BASE, host):
        yield host


@pytest.fixture
def open_session(host: Host, clock: HandClock) -> Callable[..., Session]:
    def opened(**manners: Any) -> Session:
        return Session(Connection("src", "vendor"), BASE, clock, Manners(judge=judge, **manners))

    return opened
