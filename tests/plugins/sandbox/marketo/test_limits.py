"""Tokens, rates, quotas, sizes and envelopes."""

import gzip
import json
import re
import threading
from typing import Any

LEADS = "/rest/v1/leads.json"


def code(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["code"])


def test_asking_again_returns_the_same_token_with_less_time_left(api: Any) -> None:
    first = api.renew()
    api.clock.advance(100)
    second = api.renew()
    assert first["access_token"] == second["access_token"]
    assert first["expires_in"] - second["expires_in"] in (100, 101)
    assert set(first) == {"access_token", "token_type", "expires_in", "scope"}


def test_a_token_may_be_asked_for_by_a_form(api: Any) -> None:
    form = {"grant_type": "client_credentials", "client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    assert api.client.post("/identity/oauth/token", data=form).get_json()["access_token"] == api.token


def test_wrong_credentials_are_an_http_401_without_envelope(api: Any) -> None:
    answer = api.client.get("/identity/oauth/token?grant_type=client_credentials&client_id=x&client_secret=y")
    assert (answer.status_code, answer.get_json()["error"]) == (401, "unauthorized")


def test_an_expired_token_is_602_an_invented_one_601_and_none_603(api: Any) -> None:
    api.clock.advance(3600)
    assert code(api.get(LEADS)) == "602"
    api.renew()
    api.token = "invented"
    assert code(api.get(LEADS)) == "601"
    assert code(api.client.get(LEADS).get_json()) == "603"


def test_the_old_token_stays_expired_when_a_new_one_lives(api: Any) -> None:
    old = api.token
    api.clock.advance(3600)
    api.renew()
    assert api.token != old
    api.token = old
    assert code(api.get(LEADS)) == "602"


def test_the_token_in_the_query_works_behind_its_switch_alone(api: Any) -> None:
    path = f"/rest/v1/leads/partitions.json?access_token={api.token}"
    assert code(api.client.get(path).get_json()) == "603"
    api.switch(token_in_query=True)
    assert api.client.get(path).get_json()["success"] is True


def test_business_errors_are_http_200_with_text_codes_and_a_request_id(api: Any) -> None:
    answer = api.raw("GET", "/rest/v1/nothing.json")
    body = answer.get_json()
    assert answer.status_code == 200
    assert body["success"] is False
    assert body["errors"] == [{"code": "610", "message": "Requested resource not found"}]
    assert re.fullmatch(r"[0-9a-f]+#[0-9a-f]+", body["requestId"])


def test_a_method_that_a_path_does_not_have_is_605(api: Any) -> None:
    assert code(api.raw("PUT", LEADS).get_json()) == "605"


def test_bodies_that_are_not_json_are_609_and_other_types_612(api: Any) -> None:
    assert code(api.raw("POST", LEADS, data=b"{", content_type="application/json").get_json()) == "609"
    assert code(api.raw("POST", LEADS, data=b"a=b", content_type="text/plain").get_json()) == "612"


def test_the_hundred_and_first_call_in_twenty_seconds_is_606(api: Any) -> None:
    api.switch(calls_per_window=5)
    assert all(api.get("/rest/v1/leads/partitions.json")["success"] for _ in range(5))
    refused = api.get("/rest/v1/leads/partitions.json")
    assert refused["errors"][0] == {"code": "606", "message": "Max rate limit '5' exceeded with in '20' secs"}
    api.clock.advance(20)
    assert api.get("/rest/v1/leads/partitions.json")["success"]


def test_the_eleventh_call_at_once_is_615(api: Any) -> None:
    api.switch(concurrent_calls=1)
    inside, release = threading.Event(), threading.Event()

    def slow() -> str:
        inside.set()
        release.wait(5)
        return "done"

    api.app.view_functions["GET /rest/v1/leads/partitions.json"] = slow
    holder = threading.Thread(target=lambda: api.raw("GET", "/rest/v1/leads/partitions.json"))
    holder.start()
    inside.wait(5)
    other = api.app.test_client().get(LEADS, headers={"Authorization": f"Bearer {api.token}"}).get_json()
    release.set()
    holder.join()
    assert code(other) == "615"
    assert code(api.get(LEADS)) == "1002"


def test_the_daily_quota_is_607_until_midnight_in_chicago(api: Any) -> None:
    api.switch(calls_per_day=3)
    answers = [api.get("/rest/v1/leads/partitions.json") for _ in range(4)]
    assert [answer["success"] for answer in answers] == [True, True, True, False]
    assert code(answers[3]) == "607"
    api.clock.advance(24 * 3600)
    api.renew()
    assert api.get("/rest/v1/leads/partitions.json")["success"]


def test_starred_codes_do_not_count_against_the_quota_and_others_do(api: Any) -> None:
    good, api.token = api.token, "wrong"
    api.get(LEADS)
    api.token = good
    api.raw("PUT", LEADS)
    api.get("/rest/v1/nothing.json")
    usage = api.get("/rest/v1/stats/usage.json")["result"][0]
    assert usage["total"] == 1
    errors = api.get("/rest/v1/stats/errors.json")["result"][0]["errors"]
    assert {one["errorCode"]: one["count"] for one in errors} == {"601": 1, "605": 1, "610": 1}


def test_a_body_above_one_megabyte_is_413_and_a_long_address_414(api: Any) -> None:
    assert api.raw("POST", LEADS, data=b"x" * (1024 * 1024 + 1), content_type="application/json").status_code == 413
    assert api.raw("GET", f"{LEADS}?filterType=email&filterValues={'a' * 8200}").status_code == 414


def test_a_long_read_goes_as_a_post_with_the_query_in_a_form(api: Any) -> None:
    api.sync({"email": "a@x.io"})
    values = ",".join([f"nobody{n}@example.com" for n in range(299)] + ["a@x.io"])
    answer = api.raw("POST", f"{LEADS}?_method=GET", data={"filterType": "email", "filterValues": values}).get_json()
    assert [row["email"] for row in answer["result"]] == ["a@x.io"]
    assert "call/GET /rest/v1/leads.json" in api.store.counters()
    inside = {"_method": "GET", "filterType": "email", "filterValues": "a@x.io"}
    assert len(api.raw("POST", LEADS, data=inside).get_json()["result"]) == 1


def test_answers_of_a_kilobyte_are_compressed_for_who_accepts_it(api: Any) -> None:
    answer = api.raw("GET", "/rest/v1/leads/describe.json", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.data))["success"]
    assert "Content-Encoding" not in api.raw("GET", "/rest/v1/leads/describe.json").headers


def test_asset_answers_have_their_own_envelope_and_dates(api: Any) -> None:
    empty = api.get("/rest/asset/v1/emails.json")
    assert "result" not in empty
    assert (empty["success"], empty["errors"]) == (True, [])
    assert empty["warnings"] == ["No assets found for the given search criteria."]
    assert api.get("/rest/asset/v1/channels.json")["result"][0]["createdAt"].endswith("Z+0000")
    assert api.get(LEADS, filterType="email", filterValues="no@x.io") | {"requestId": ""} == {
        "requestId": "",
        "result": [],
        "success": True,
    }


def test_the_user_service_answers_without_envelope(api: Any) -> None:
    assert api.raw("GET", "/userservice/management/v1/users/workspaces.json").get_json()[0]["name"] == "Default"
