"""Reading a reply's body with an end: size, compression ratio and time are capped while it streams."""

import time
from collections.abc import Callable

from requests import Response

from mamigrate.http.call import Unreadable

MOST_BYTES = 256 * 2**20
"""A page of any vendor is far below; bulk files are read by ranges."""
MOST_RATIO = 100
PACKED = ("", "identity", "gzip", "x-gzip", "deflate")
"""Encodings of a body; several, one in the other, are none of these."""
_FREE = 2**20
"""Ratios are judged above this size: a page of equal empty records shrinks well without being a bomb."""
_CHUNK = 2**16
_SECONDS = 600.0


def read(response: Response, *, seconds: float = _SECONDS, wall: Callable[[], float] = time.monotonic) -> bytes:
    """The whole body, unpacked. Raises Unreadable when it breaks a cap, urllib3's errors when the stream breaks.

    It may be packed once and in a way that was asked for: a package inside a package hides its size from the caps.
    """
    packed = response.headers.get("Content-Encoding", "").strip().lower()
    if packed not in PACKED:
        raise Unreadable("the body is packed in a way that was not asked for")
    ends = wall() + seconds
    parts: list[bytes] = []
    size = 0
    # What has arrived, and no waiting until a chunk is full: a reply that trickles is looked at as often as it moves.
    response.raw.decode_content = True
    while part := response.raw.read1(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES or size > max(_FREE, MOST_RATIO * response.raw.tell()):
            raise Unreadable("the body is larger than any page")
        if wall() > ends:
            raise Unreadable("the body never ended")
    return b"".join(parts)
