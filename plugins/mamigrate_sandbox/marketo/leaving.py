"""What people do themselves on the pages of Marketo: they click an unsubscribe link, or leave a topic on a form."""

import flask

from mamigrate_sandbox.marketo import consent, fields, journal, leads, writing
from mamigrate_sandbox.marketo.instance import Instance

FORM = "Web form fillout"


def leave(app: flask.Flask, address: str, topic: str = "") -> None:
    """Whoever reads the mail of ``address`` uses its unsubscribe link; ``topic`` is a field that becomes true then.

    Without a record the address alone is unsubscribed: the link of an old mail outlives the people. Raises KeyError.
    """
    instance: Instance = app.extensions["instance"]
    key = leads.field_key(address)
    name = topic or "unsubscribed"
    if name not in fields.load(instance):
        raise KeyError(name)
    desk = writing.desk(instance, "updateOnly", "id", source=FORM)
    found = [lead for id in instance.store.find("leads", "email", key) if (lead := leads.get(instance, id))]
    for lead in found if topic else found[:1]:  # an unsubscribe spreads to everybody with the address by itself
        if not topic:
            told = {"Client IP Address": "192.0.2.1", "Webform ID": 1}
            journal.log(instance, journal.UNSUBSCRIBE, lead["id"], "Unsubscribe page", 1, told)
        writing.change(desk, lead, {name: True})
    if not found and not topic:
        consent.deny(instance, key, 0)
