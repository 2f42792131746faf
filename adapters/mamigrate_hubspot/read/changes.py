"""Former values of a contact's properties as activities. (HubSpot docs, "Property history")"""

from collections import Counter
from collections.abc import Iterator, Mapping

from mamigrate.contract import NeutralRow
from mamigrate_hubspot.read.happened import activity, moment, said
from mamigrate_hubspot.wire import Json, id_of, listed, part, rows, text

WATCHED: Mapping[str, str] = {"lifecyclestage": "stage", "hs_lead_status": "status", "hubspotscore": "score"}
"""Properties whose former values are history, and what a change of each is."""


def changes(data: Json) -> Iterator[NeutralRow]:
    """Every step of a contact's stage, status and score, with what stood there before. The newest stands first on the page."""
    for one in rows(data):
        person, told = id_of(one), part(one, "propertiesWithHistory")
        for field, what in WATCHED.items():
            before, at = "", Counter[str]()
            for version in reversed(listed(told, field)):
                after, stamp = text(version, "value"), text(version, "timestamp")
                step = {
                    "name": field,
                    "field": field,
                    "before": before,
                    "after": after,
                    "source": text(version, "sourceType"),
                }
                at[stamp] += 1  # A stage that goes back is emptied first, at the same instant.
                key = f"change/{person}/{field}/{stamp}" + (f"/{at[stamp]}" if at[stamp] > 1 else "")
                if after != before:
                    yield activity(key, f"change.{what}", moment(stamp), person_key=person, values=said(step))
                before = after
