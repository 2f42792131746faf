"""A way to one instance of a vendor: its options, its secrets, and what stands behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class Secret:
    """A text that never prints itself. ``reveal`` is called at the moment of use and nowhere else."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Setting:
    """One option of an adapter: as ``[connections.X] name = ...`` or, for a secret, ``name_env`` / ``name_keyring``.

    ``declared``: it says something about the account that has nothing to do with whether a secret is taken.
    """

    name: str
    help: str
    secret: bool = False
    required: bool = True
    default: str = ""
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """A named way to one instance of one vendor. ``speed`` > 1 is allowed for a loopback base URL only."""

    name: str
    adapter: str
    base_url: str = ""
    time_zone: str = "UTC"
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    speed: float = 1.0
    contracted_people: int | None = None


@dataclass(frozen=True, slots=True)
class InstanceInfo:
    """What stands behind a connection. ``crm_linked`` is None when it could not be told."""

    instance_id: str
    label: str
    time_zone: str
    production: bool
    crm_linked: bool | None
