"""Subscription types as topics."""

from mamigrate.contract import NeutralRow
from mamigrate.model.base import Origin
from mamigrate.model.estate import Topic
from mamigrate_hubspot.read.context import Context, read_at
from mamigrate_hubspot.wire import Json, id_of, rows, text

_CLASSES = {"MARKETING": "MKT", "SALES": "SLS", "SERVICE": "SVC", "TRANSACTIONAL": "TXN"}


def topics(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    """Subscription definitions. What the account does without a record depends on its data privacy settings."""
    return [_topic(connection, one, context) for one in rows(data)]


def _topic(connection: str, definition: Json, context: Context) -> NeutralRow:
    return Topic.model_validate(
        {
            "key": id_of(definition),
            "name": text(definition, "name"),
            "origin": Origin(
                connection=connection,
                vendor_type="subscription definition",
                vendor_id=text(definition, "id"),
                read_at=read_at(context),
            ),
            "raw": definition,
            "brand": text(definition, "businessUnitId") or "0",
            "channel": (text(definition, "communicationMethod") or "email").lower(),
            "asset_class": topic_class(definition),
            "default_allows": context.get("explicit_consent") != "true",
            "active": definition.get("isActive") is not False,
        }
    ).model_dump()


def topic_class(definition: Json) -> str:
    return _CLASSES.get(text(definition, "purpose").upper(), "MKT")


def asked_for(definition: Json) -> bool:
    """Whether the statuses of every address must tell this type: a type of email in use."""
    channel = text(definition, "communicationMethod").lower() or "email"
    return channel == "email" and definition.get("isActive") is not False
