"""The Marketo instance as a WSGI application, for any client."""

from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from mamigrate_sandbox.clock import Ticking, dated
from mamigrate_sandbox.marketo import (
    activities,
    content,
    customtypes,
    exports,
    folders,
    imports,
    lists,
    members,
    merging,
    objects,
    people,
    programs,
    schema,
    shelves,
    smart,
    stats,
    tokens,
    triggers,
)
from mamigrate_sandbox.marketo.envelope import Broken, Refused, Skipped, as_json, failure, request_id
from mamigrate_sandbox.marketo.gate import BODY_BYTES, Gate
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes, mark
from mamigrate_sandbox.store import Store

_ROOMS = [
    schema,
    people,
    merging,
    lists,
    members,
    programs,
    smart,
    folders,
    shelves,
    content,
    objects,
    imports,
    exports,
    activities,
    customtypes,
    stats,
]


def create(store: Store, clock: Ticking) -> Flask:
    """Serves what ``defaults.install_defaults`` and an estate have put into the store. Thread-safe."""
    app = Flask("mamigrate_sandbox.marketo", static_folder=None)
    app.url_map.merge_slashes = False
    instance = Instance(store, clock)
    app.extensions["instance"] = instance
    app.before_request(lambda: triggers.forget(instance))
    app.after_request(lambda response: dated(response, instance.now()))
    Gate(instance).install(app)
    app.add_url_rule("/identity/oauth/token", "token", lambda: tokens.issue(instance), methods=["GET", "POST"])
    routes = Routes(app, instance)
    for room in _ROOMS:
        room.register(routes)
    _install_errors(app, instance)
    inner = app.wsgi_app
    app.wsgi_app = lambda environ, start_response: inner(_overridden(environ), start_response)  # type: ignore[method-assign]
    return app


def _overridden(environ: dict[str, Any]) -> dict[str, Any]:
    """``POST ..?_method=GET`` is a GET whose query is in the body; DELETE works the same way, and so does a form's _method."""
    if environ.get("REQUEST_METHOD") != "POST" or not str(environ.get("PATH_INFO", "")).startswith("/rest/v1/"):
        return environ
    wanted = _method_of(str(environ.get("QUERY_STRING", "")))
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if not wanted and "form-urlencoded" in str(environ.get("CONTENT_TYPE", "")) and length <= BODY_BYTES:
        body = environ["wsgi.input"].read(length)
        environ = {**environ, "wsgi.input": BytesIO(body)}
        wanted = _method_of(body.decode("latin-1"))
    return {**environ, "REQUEST_METHOD": wanted} if wanted in ("GET", "DELETE") else environ


def _method_of(query: str) -> str:
    return parse_qs(query).get("_method", [""])[0].upper() if "_method" in query else ""


def _install_errors(app: Flask, instance: Instance) -> None:
    def refused(error: Refused) -> Response:
        mark(error)
        return as_json(failure(error.code, error.message, request_id(instance.now())))

    def broken(error: Broken) -> Response:
        return Response(error.text, error.status, mimetype="text/plain")

    def http(error: HTTPException) -> Response:
        if isinstance(error, NotFound):
            return refused(Refused("610", "Requested resource not found"))
        if isinstance(error, MethodNotAllowed):
            return refused(Refused("605", f"HTTP Method '{request.method}' not supported"))
        if isinstance(error, RequestEntityTooLarge):
            return broken(Broken(413, "Request Entity Too Large"))
        return refused(Refused("611", "System error"))

    app.register_error_handler(Refused, refused)
    app.register_error_handler(Skipped, lambda error: refused(Refused(error.code, error.message)))
    app.register_error_handler(Broken, broken)
    app.register_error_handler(HTTPException, http)
