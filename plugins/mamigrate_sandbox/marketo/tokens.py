"""Access tokens: one lives at a time, and asking again returns the same one with less time left.

Facts: Adobe's authentication page; recordings show expires_in falling from 3599.
"""

import secrets

from flask import Response, request

from mamigrate_sandbox.marketo.envelope import Refused, as_json
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.store import Body


def issue(instance: Instance) -> Response:
    """401 for wrong credentials; no envelope either way."""
    given = {**request.args.to_dict(), **request.form.to_dict()}
    store = instance.store
    known = (store.setting("client_id"), store.setting("client_secret"))
    if given.get("grant_type") != "client_credentials" or (given.get("client_id"), given.get("client_secret")) != known:
        refusal = as_json({"error": "unauthorized", "error_description": "No client with requested id or secret"})
        refusal.status_code = 401
        return refusal
    token = _current(instance)
    left = int(token["until"] - instance.now().timestamp())
    body = {"access_token": token["value"], "token_type": "bearer", "expires_in": left, "scope": instance.user()}
    return as_json(body)


def check(instance: Instance) -> None:
    """603 without a token, 602 for one that is over, 601 for one we never gave."""
    value = _presented(instance)
    if value is None:
        raise Refused("603", "Access denied")
    token: Body = instance.store.setting("token", {})
    if value == token.get("value"):
        if token["until"] <= instance.now().timestamp():
            raise Refused("602", "Access token expired")
    elif value in token.get("before", []):
        raise Refused("602", "Access token expired")
    else:
        raise Refused("601", "Access token invalid")


def _presented(instance: Instance) -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    return request.args.get("access_token") if instance.switch("token_in_query") else None


def _current(instance: Instance) -> Body:
    with instance.store.transaction():
        now = instance.now().timestamp()
        token: Body = instance.store.setting("token", {})
        if token and token["until"] - now >= 1:
            return token
        before = [token["value"], *token["before"]][:20] if token else []
        seconds = float(instance.switch("token_seconds"))
        token = {"value": f"{secrets.token_hex(16)}:sb", "until": now + seconds - 0.5, "before": before}
        instance.store.set("token", token)
        return token
