"""What an adapter promises, looked at when it is loaded; and the sentences for what it does not keep.

What does not keep ``mamigrate.contract`` becomes one sentence, which names the plug-in, the adapter and the method.
"""

import errno
from collections.abc import Mapping, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import Any, cast

from mamigrate.capabilities import Capabilities, Power
from mamigrate.contract import (
    Adapter,
    Blocker,
    Setting,
)
from mamigrate.errors import ContractBroken, MamigrateError, Refused, Retry, Unreachable
from mamigrate.http.call import Rejected, Unreadable
from mamigrate.model.kinds import Kind

ASKED = ("name", "title", "settings", "capabilities", "blockers", "key_fields", "connect")
"""What an adapter object must have."""
KEYED = (Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY)
"""Kinds that carry our source key where they are written."""


class Wrong(Exception):
    """What a value lacks of its promise, in a few words."""


class Promises:
    """Whose promises they are. Builds the errors."""

    def __init__(self, plugin: str, adapter: str, where: str = "") -> None:
        self.plugin, self.adapter, self.where = plugin, adapter, where or adapter

    def broken(self, what: str) -> ContractBroken:
        told = f"the adapter {self.adapter!r} (plug-in {self.plugin!r}) breaks the contract: {what}"
        return ContractBroken(told, where=self.where, fix=f"update it, or leave it out with --block {self.plugin}")

    def raised(self, method: str, error: Exception) -> Exception:
        """What the core should see instead: the contract's own errors as they are, all else as a sentence."""
        match error:
            case Rejected():
                return Refused(self.where, _refusal(method, error), access=False)
            case Unreadable():
                where = _place(error.__cause__) if error.__cause__ else ""
                return Unreachable(self.where, f"its answer to {method} was not understood{where}")
            case Wrong():
                return self.broken(f"{method} {error}")
            case MamigrateError() if not isinstance(error, Retry):
                return error
            case MemoryError() | OSError(errno=errno.ENOSPC | errno.EDQUOT):
                return error
            case _:
                return self.broken(f"{method} raised {type(error).__name__}{_place(error)}")


def adapter(made: object, promises: Promises) -> Adapter:
    """The adapter. Raises ContractBroken where a part of it is missing or of another type."""
    lacking = [asked for asked in ASKED if not hasattr(made, asked)]
    if lacking:
        raise promises.broken(f"no {', '.join(lacking)}")
    one = cast(Adapter, made)
    for name, right in (
        ("name", filled(one.name)),
        ("title", filled(one.title)),
        ("settings", all_of(one.settings, Setting)),
        ("capabilities", isinstance(one.capabilities, Capabilities)),
        ("blockers", all_of(one.blockers, Blocker)),
        ("key_fields", isinstance(one.key_fields, Mapping) and all(filled(name) for name in one.key_fields.values())),
        ("connect", callable(one.connect)),
    ):
        if not right:
            raise promises.broken(f"{name} is not what mamigrate.contract.Adapter says")
    unkeyed = [kind for kind in KEYED if one.capabilities.can(kind, Power.WRITE) and kind not in one.key_fields]
    if unkeyed:
        raise promises.broken(f"it writes {', '.join(unkeyed)}, and key_fields names no field for that")
    return one


# --- words -------------------------------------------------------------------------------------------------------------


def all_of(values: Any, of: type) -> bool:
    """Whether these are a sequence of one type."""
    return isinstance(values, Sequence) and all(isinstance(one, of) for one in values)


def filled(value: Any) -> bool:
    """Whether this is a text with something in it."""
    return isinstance(value, str) and bool(value)


def _refusal(method: str, error: Rejected) -> str:
    """The call by its route and the vendor's code. What it said may hold personal data, and a code that is no word too."""
    status = f" (HTTP {error.status})" if error.status else ""
    code = error.code if error.code.replace("_", "").replace("-", "").replace(".", "").isalnum() else "no code"
    return f"{error.route or method}: {code[:64]}{status}"


def _place(error: BaseException) -> str:
    """Where in the plug-in, without a word of the message: that may quote people."""
    frames = extract_tb(error.__traceback__)
    return f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
