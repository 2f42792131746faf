"""What people do themselves on the pages of HubSpot: they leave everything, or one subscription type."""

import flask

from mamigrate_sandbox.hubspot import consent
from mamigrate_sandbox.hubspot.portal import Portal

BY_THE_PERSON = "SOURCE_RECIPIENT"


def leave(app: flask.Flask, address: str, topic: str = "") -> None:
    """Whoever reads the mail of ``address`` uses its unsubscribe link; ``topic`` is the key of a type. Raises KeyError."""
    portal: Portal = app.extensions["portal"]
    if not topic:
        consent.unsubscribe_all(portal, address.lower(), source=BY_THE_PERSON)
    elif portal.store.get("definitions", topic) is None:
        raise KeyError(topic)
    else:
        consent.change(portal, consent.Wish(address.lower(), topic, "UNSUBSCRIBED", source=BY_THE_PERSON))
