"""The kinds of things, on their two shelves."""

from enum import StrEnum


class Kind(StrEnum):
    """Estate kinds are thousands of objects full of references; population kinds are rows without number."""

    # Estate
    FIELD = "field"
    TOPIC = "topic"
    CHANNEL = "channel"
    OWNER = "owner"
    LIFECYCLE_MODEL = "lifecycle_model"
    LIST = "list"
    RULESET = "ruleset"
    ASSET = "asset"
    WORKFLOW = "workflow"
    PROGRAM = "program"
    # Population
    ACCOUNT = "account"
    PERSON = "person"
    OPPORTUNITY = "opportunity"
    CONSENT_FACT = "consent_fact"
    LIST_MEMBERSHIP = "list_membership"
    PROGRAM_MEMBERSHIP = "program_membership"
    ACTIVITY = "activity"


ESTATE = (
    Kind.FIELD,
    Kind.TOPIC,
    Kind.CHANNEL,
    Kind.OWNER,
    Kind.LIFECYCLE_MODEL,
    Kind.LIST,
    Kind.RULESET,
    Kind.ASSET,
    Kind.WORKFLOW,
    Kind.PROGRAM,
)
POPULATION = tuple(kind for kind in Kind if kind not in ESTATE)
