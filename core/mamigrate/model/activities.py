"""What can have happened, in families: ``activity_type`` of an activity is ``<family>.<event>``, ``email.open`` for example."""

from enum import StrEnum


class Family(StrEnum):
    """EMAIL: marketing emails. SALES: calls, notes, meetings and letters of people. EVENT: webinars, fairs. WEB: visits.
    CHANGE: a score, a stage or a status that became another.
    """

    EMAIL = "email"
    FORM = "form"
    SALES = "sales"
    EVENT = "event"
    WEB = "web"
    CHANGE = "change"
    OTHER = "other"


def family(activity_type: str) -> Family:
    """Of an activity's type; OTHER where it names none that is known."""
    name = activity_type.partition(".")[0]
    return Family(name) if name in list(Family) else Family.OTHER


def event(activity_type: str) -> str:
    """What happened, without the family."""
    name, _, rest = activity_type.partition(".")
    return rest or name
