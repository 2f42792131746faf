"""How HubSpot says no: one exception, and the envelope it becomes (HubSpot docs, "Error handling")."""

import json
from collections.abc import Sequence
from typing import Any

from mamigrate_sandbox.store import Body


class Refusal(Exception):
    """An answer other than success. ``extra`` replaces keys of the envelope (the rate limits have their own)."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        errors: Sequence[Body] = (),
        context: Body | None = None,
        sub: str = "",
        extra: Body | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.category, self.message = status, category, message
        self.errors, self.context, self.sub, self.extra = list(errors), context, sub, extra or {}

    def envelope(self, correlation: str) -> Body:
        body: Body = {"status": "error", "message": self.message, "correlationId": correlation, **self.extra}
        if self.category:
            body["category"] = self.category
        if self.sub:
            body["subCategory"] = self.sub
        if self.errors:
            body["errors"] = self.errors
        if self.context:
            body["context"] = self.context
        return body

    def entry(self, **context: list[str]) -> Body:
        """The same as one element of a batch's ``errors``."""
        return {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "errors": self.errors,
            "context": {**(self.context or {}), **context},
            "links": {},
        }


def invalid(message: str, **more: Any) -> Refusal:
    return Refusal(400, "VALIDATION_ERROR", message, **more)


def unbound(problem: str) -> Refusal:
    """The body does not bind to the type that the endpoint expects."""
    return invalid(f"Invalid input JSON on line 1, column 1: {problem}")


def missing_attributes(what: str, names: Sequence[str]) -> Refusal:
    return unbound(f"Cannot build {what}, some of required attributes are not set [{', '.join(names)}]")


def not_found(message: str = "resource not found") -> Refusal:
    return Refusal(404, "OBJECT_NOT_FOUND", message)


def conflict(message: str, **context: list[str]) -> Refusal:
    return Refusal(409, "CONFLICT", message, context=dict(context) or None)


def bad_properties(portal_id: int, failures: Sequence[tuple[str, str, str]]) -> Refusal:
    """``failures`` are (property, error code, sentence). The message holds them as JSON text, as HubSpot's does."""
    rows = [
        {
            "isValid": False,
            "message": sentence,
            "error": code,
            "name": name,
            "localizedErrorMessage": sentence,
            "portalId": portal_id,
        }
        for name, code, sentence in failures
    ]
    details = [
        {"message": sentence, "code": code, "context": {"propertyName": [name]}} for name, code, sentence in failures
    ]
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    return invalid(f"Property values were not valid: {text}", errors=details)
