"""What a session promises to adapters."""

import gzip
import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from mamigrate.clock import HandClock
from mamigrate.contract import Secret
from mamigrate.contract.limits import Daily, Rolling
from mamigrate.errors import Indeterminate, QuotaExhausted, Refused, Throttled, Unreachable
from mamigrate.http.call import Call, Rejected, Reply
from mamigrate.http.limits import Reading
from mamigrate.http.session import Session
from mamigrate.http.token import FetchedToken, FixedToken
from mamigrate.http.transports import standing

Open = Callable[..., Session]
READ = Call("GET", "/people/{id}", {"id": "ana@x.example"}, [("token", "hush")])
WRITE = Call("POST", "/people", json={"email": "ana@x.example"}, writes=True)
OK: Any = (200, b'{"a": 1}', {})


def refused() -> Exception:
    inner = NewConnectionError(None, "refused at /people?token=hush")  # type: ignore[arg-type]  # as urllib3 raises it
    return requests.exceptions.ConnectionError(MaxRetryError(None, "/people?token=hush", inner))  # type: ignore[arg-type]


def test_a_reply_holds_the_parsed_body(host: Any, open_session: Open) -> None:
    host.answers = [OK]
    assert open_session().send(READ).data == {"a": 1}
    assert host.requests[0].url == "https://vendor.example/people/ana%40x.example?token=hush"


def test_a_read_is_sent_again_after_trouble_until_it_succeeds(host: Any, open_session: Open, clock: HandClock) -> None:
    host.answers = [(503, b"", {}), requests.exceptions.ReadTimeout("x"), (200, b"<html>login</html>", {}), OK]
    assert open_session().send(READ).data == {"a": 1}
    assert 1.5 <= clock.monotonic() <= 180


def test_a_read_is_given_up_after_eight_tries(host: Any, open_session: Open) -> None:
    host.answers = [(500, b"", {})] * 20
    with pytest.raises(Unreachable):
        open_session().send(READ)
    assert len(host.requests) == 8


def test_a_write_whose_reply_is_lost_is_not_sent_again(host: Any, open_session: Open) -> None:
    troubles: list[Any] = [
        (502, b"", {}),
        requests.exceptions.ReadTimeout("x"),
        requests.exceptions.ConnectionError("reset"),
    ]
    for lost in troubles:
        host.answers, host.requests = [lost], []
        with pytest.raises(Indeterminate):
            open_session().send(WRITE)
        assert len(host.requests) == 1


def test_a_write_that_certainly_did_not_run_is_sent_again(host: Any, open_session: Open) -> None:
    host.answers = [(429, b"", {}), refused(), OK]
    assert open_session().send(WRITE).status == 200
    assert len(host.requests) == 3


def test_retry_after_is_honoured_up_to_an_hour(host: Any, open_session: Open, clock: HandClock) -> None:
    host.answers = [(429, b"", {"Retry-After": "1800"}), OK]
    open_session().send(READ)
    assert 1800 <= clock.monotonic() <= 1801


def test_a_longer_retry_after_ends_the_run_cleanly(host: Any, open_session: Open) -> None:
    host.answers = [(429, b"", {"Retry-After": "86400"})]
    with pytest.raises(QuotaExhausted):
        open_session().send(READ)
    host.answers = [(503, b"", {"Retry-After": "86400"})]
    with pytest.raises(Unreachable):
        open_session().send(READ)


@pytest.mark.parametrize("nonsense", ["soon", "-1", "", "Fri, 99 Foo"])
def test_a_senseless_retry_after_falls_back_to_jitter(
    host: Any, open_session: Open, clock: HandClock, nonsense: str
) -> None:
    host.answers = [(429, b"", {"Retry-After": nonsense}), OK]
    open_session().send(READ)
    assert 0.5 <= clock.monotonic() <= 60


def test_a_retry_after_date_is_measured_against_the_hosts_clock(
    host: Any, open_session: Open, clock: HandClock
) -> None:
    headers = {"Date": "Wed, 21 Oct 2015 07:28:00 GMT", "Retry-After": "Wed, 21 Oct 2015 07:29:00 GMT"}
    host.answers = [(503, b"", headers), OK]
    open_session().send(READ)
    assert 60 <= clock.monotonic() <= 61


def test_the_vendors_no_is_final(host: Any, open_session: Open) -> None:
    host.answers = [(404, b"{}", {})]
    with pytest.raises(Rejected) as caught:
        open_session().send(READ)
    assert caught.value.status == 404
    assert len(host.requests) == 1


def test_missing_permission_stops(host: Any, open_session: Open) -> None:
    host.answers = [(403, b"{}", {})]
    with pytest.raises(Refused):
        open_session().send(READ)


def test_an_expired_token_is_renewed_once(host: Any, open_session: Open, clock: HandClock) -> None:
    session, texts = open_session(), iter(("one", "two", "three"))
    session.token = FetchedToken(lambda: (next(texts), 3600), clock)
    host.answers = [OK, (401, b"", {}), OK, OK]
    for _ in range(3):
        session.send(READ)
    assert [r.headers["Authorization"] for r in host.requests] == ["Bearer one"] * 2 + ["Bearer two"] * 2


def test_a_token_that_is_never_accepted_stops(host: Any, open_session: Open, clock: HandClock) -> None:
    session = open_session()
    session.token = FetchedToken(lambda: ("same", 3600), clock)
    host.answers = [(401, b"", {})] * 9
    with pytest.raises(Refused):
        session.send(READ)
    assert len(host.requests) == 3


def test_a_redirect_inside_the_allow_list_is_followed_with_the_token_only_at_home(
    host: Any, open_session: Open
) -> None:
    session = open_session(hosts=("https://files.vendor.example",))
    session.token = FixedToken("src", Secret("hush"))
    with standing("https://files.vendor.example", host):
        host.answers = [(302, b"", {"Location": "https://files.vendor.example/a"}), OK]
        session.send(Call("GET", "/a"))
    assert "Authorization" in host.requests[0].headers
    assert "Authorization" not in host.requests[1].headers


@pytest.mark.parametrize(
    "place",
    [
        "http://vendor.example/a",
        "https://vendor.example@evil.example/a",
        "https://vendor.example./a",
        "https://evil.example\\@vendor.example/a",
        "https://169.254.169.254/a",
        "https://2852039166/a",
        "https://[::ffff:169.254.169.254]/a",
        "https://vendor.example:444/a",
        "https://v\u0435ndor.example/a",
        "//evil.example/a",
        "ftp://vendor.example/a",
        "file:///etc/passwd",
    ],
)
def test_no_redirect_leaves_the_allow_list(host: Any, open_session: Open, place: str) -> None:
    host.answers = [(302, b"", {"Location": place})]
    with pytest.raises(Unreachable):
        open_session().send(Call("GET", "/a"))
    assert len(host.requests) == 1


def test_the_fourth_redirect_is_refused(host: Any, open_session: Open) -> None:
    host.answers = [(302, b"", {"Location": "/again"})] * 9
    with pytest.raises(Unreachable):
        open_session().send(Call("GET", "/a"))
    assert len(host.requests) == 4


def test_a_write_follows_no_redirect(host: Any, open_session: Open) -> None:
    host.answers = [(307, b"", {"Location": "/again"})]
    with pytest.raises(Rejected):
        open_session().send(WRITE)
    assert len(host.requests) == 1


def test_a_body_that_unpacks_beyond_the_ratio_is_cut_off(host: Any, open_session: Open) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    host.answers = [(200, bomb, {"Content-Encoding": "gzip"})] * 8
    with pytest.raises(Unreachable):
        open_session().send(READ)


def test_a_packed_body_is_unpacked(host: Any, open_session: Open) -> None:
    host.answers = [(200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"})]
    assert open_session().send(READ).data == {"a": 1}


def test_no_exception_or_log_shows_queries_people_or_tokens(
    host: Any, open_session: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    session = open_session()
    session.token = FixedToken("src", Secret("hush"))
    lost = requests.exceptions.ReadTimeout("hush")
    troubles: list[Any] = [(500, b"hush", {}), refused(), lost, (404, b'{"m":"hush"}', {})]
    for answer in troubles:
        host.answers = [answer] * 8
        with pytest.raises(Exception) as caught:  # whatever it is, it must not tell
            session.send(READ)
        shown = "".join(traceback.format_exception(caught.value)) + caplog.text
        assert "hush" not in shown
        assert "ana" not in shown
        host.answers = []
        session._breaker.record(failed=False)
    logging.getLogger("urllib3.connectionpool").debug("GET /people?token=hush")
    logging.getLogger("urllib3.connectionpool").warning("broken: %s", "/people?token=hush")
    assert "hush" not in caplog.text


def test_a_host_that_fails_too_often_is_left_alone_and_then_probed(
    host: Any, open_session: Open, clock: HandClock
) -> None:
    session = open_session()
    host.answers = [(500, b"", {})] * 20
    for _ in range(2):
        with pytest.raises(Unreachable):
            session.send(READ)
    before = clock.monotonic()
    session.send(READ)  # Four more failures open the circuit; the probe after its rest succeeds.
    assert clock.monotonic() - before >= 30
    assert len(host.requests) == 21


def test_a_window_is_never_overrun(host: Any, open_session: Open, clock: HandClock) -> None:
    session = open_session(limits=(Rolling("w", 10, 10.0),), share=0.9)
    for _ in range(28):
        session.send(READ)
    assert 30 <= clock.monotonic() < 31


def test_headers_teach_the_limit_and_what_others_use(host: Any, open_session: Open, clock: HandClock) -> None:
    def learn(headers: Any) -> list[Reading]:
        return [Reading("w", 100, int(headers["left"]))] if "left" in headers else []

    session = open_session(limits=(Rolling("w", 10, 10.0),), share=0.9, learn=learn)
    host.answers = [(200, b"{}", {"left": "30"}), *[OK] * 40]
    for _ in range(31):  # Others took 69 of 100, 10 stay in reserve: 90 - 59 are left for us.
        session.send(READ)
    assert clock.monotonic() == 0
    session.send(READ)
    assert clock.monotonic() >= 10


def test_a_days_share_that_is_used_up_says_when_it_resets(host: Any, open_session: Open) -> None:
    session = open_session(limits=(Daily("d", 10, "Asia/Tokyo"),), share=0.5)
    for _ in range(5):
        session.send(READ)
    with pytest.raises(QuotaExhausted) as caught:
        session.send(READ)
    assert caught.value.resets_at == "2026-01-02T00:00:00+09:00"


def test_a_day_begins_anew_at_midnight_of_its_zone(host: Any, open_session: Open, clock: HandClock) -> None:
    session = open_session(limits=(Daily("d", 1, "Asia/Tokyo"),))
    session.send(READ)
    clock.advance(15 * 3600)
    session.send(READ)


def test_bytes_a_day_are_counted(host: Any, open_session: Open) -> None:
    session = open_session(limits=(Daily("b", 5, unit="bytes", scope="bulk"),), share=1.0)
    bulk = Call("GET", "/file", scopes=("bulk",))
    host.answers = [(200, b'"1234"', {})]
    session.send(bulk)
    session.send(READ)
    with pytest.raises(QuotaExhausted):
        session.send(bulk)


def test_repr_shows_routes_only() -> None:
    assert "ana" not in repr(READ) + repr(Reply(READ, 200, {}, b"ana"))


def test_throttled_forever_becomes_unreachable_and_nothing_was_written(host: Any, open_session: Open) -> None:
    host.answers = [(429, b"", {})] * 8
    with pytest.raises(Unreachable) as caught:
        open_session().send(WRITE)
    assert not isinstance(caught.value, Throttled)


def test_a_host_that_does_not_listen_is_named(host: Any, open_session: Open) -> None:
    host.answers = [refused()] * 9
    with pytest.raises(Unreachable) as caught:
        open_session().send(READ)
    assert "no connection to vendor.example" in caught.value.reason
