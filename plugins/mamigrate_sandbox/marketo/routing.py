"""How a handler becomes a route: one transaction a call, and the envelope of its API family around the result."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g

from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Refused, Reply, as_json, asset_style, lead_style, request_id
from mamigrate_sandbox.marketo.instance import Instance

Handler = Callable[..., Reply | Response]


class Routes:
    def __init__(self, app: Flask, instance: Instance) -> None:
        self.app = app
        self.instance = instance

    def add(self, method: str, rule: str, handler: Handler) -> None:
        """Paths under ``/rest/asset/`` answer in asset style, the others in lead-database style."""

        def view(**place: Any) -> Response:
            return self._answer(rule, handler, place)

        self.app.add_url_rule(rule, endpoint=f"{method} {rule}", view_func=view, methods=[method])

    def _answer(self, rule: str, handler: Handler, place: dict[str, Any]) -> Response:
        with self.instance.store.transaction():
            reply = handler(Call(self.instance), **place)
        if isinstance(reply, Response):
            return reply
        style = asset_style if rule.startswith("/rest/asset/") else lead_style
        return as_json(style(reply, request_id(self.instance.now())))


def mark(refused: Refused) -> None:
    """Remember the code for the tally."""
    g.code = refused.code
