"""Addresses for email, tidy ones and those that people really leave in a database."""

from mamigrate_sandbox.estates.names import Name

_WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F) if chr(code) not in "@."})
ZERO_WIDTH = "\u200b"
_UNICODE_HOST, _ASCII_HOST = "計測の友.example", "xn--u9j977h18rcpz.example"


def tidy(name: Name, number: int, host: str) -> str:
    """Unique by number, ASCII, lower case."""
    return f"{name.latin_given}.{name.latin_family}{_base36(number)}@{host}"


def full_width(address: str) -> str:
    """The local part typed with an input method left on: ｔａｒｏ@."""
    local, _, host = address.rpartition("@")
    return f"{local.translate(_WIDE)}@{host}"


def zero_width(address: str) -> str:
    """As pasted from a web page: an invisible space in the middle."""
    return f"{address[:2]}{ZERO_WIDTH}{address[2:]}"


def half_wide(address: str) -> str:
    """Only the last character of the local part is full-width."""
    local, _, host = address.rpartition("@")
    return f"{local[:-1]}{local[-1].translate(_WIDE)}@{host}"


def at_unicode_host(address: str) -> str:
    return f"{address.rpartition('@')[0]}@{_UNICODE_HOST}"


def at_ascii_host(address: str) -> str:
    """The same host as ``at_unicode_host`` in its ASCII form."""
    return f"{address.rpartition('@')[0]}@{_ASCII_HOST}"


def sharp_s(number: int) -> str:
    return f"anna.straße{_base36(number)}@werkstatt.example"


def double_s(number: int) -> str:
    """Folds to the same letters as ``sharp_s``, yet may be somebody else's mailbox."""
    return f"anna.strasse{_base36(number)}@werkstatt.example"


def unholdable(address: str, way: int) -> str:
    """Addresses that many platforms refuse: letters beyond ASCII, two in one field, too long."""
    local, _, host = address.rpartition("@")
    return (
        f"josé.{local}@{host}",
        f"山田.{local}@{host}",
        f"{address}; {local}.2@{host}",
        f"{'very-long-mailbox-' * 14}{local}@{host}",
    )[way % 4]


def _base36(number: int) -> str:
    letters = ""
    while True:
        number, digit = divmod(number, 36)
        letters = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + letters
        if number == 0:
            return letters
