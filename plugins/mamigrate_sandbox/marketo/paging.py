"""Opaque page tokens, in base32 like Marketo's. The state travels in the token, so that tokens survive a restart."""

import base64
import binascii
from typing import Any

import orjson

from mamigrate_sandbox.marketo.envelope import Refused


def encode(state: dict[str, Any]) -> str:
    return base64.b32encode(orjson.dumps(state)).decode()


def decode(token: str | None) -> dict[str, Any]:
    """{} for no token. 1003 for one that we did not give."""
    if token is None:
        return {}
    try:
        state = orjson.loads(base64.b32decode(token))
    except (binascii.Error, ValueError):
        raise Refused("1003", "Invalid nextPageToken") from None
    return state if isinstance(state, dict) else {}
