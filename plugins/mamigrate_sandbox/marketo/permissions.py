"""Which permission of the API user's role a call needs. Any one of a row's is enough.

Setting ``permissions`` of the store lists those of the role; without it, the role may do everything. (Adobe's developer
docs, "Authentication", and the permissions named at each endpoint)
"""

import re

from flask import request

from mamigrate_sandbox.marketo.envelope import Refused
from mamigrate_sandbox.marketo.instance import Instance

_ROWS: list[tuple[str, str]] = [
    (r"/rest/v1/leads/schema/fields", "Schema Custom Field"),
    (r"/rest/v1/(companies)", "Company"),
    (r"/rest/v1/(opportunities)", "Opportunity"),
    (r"/rest/v1/(salespersons)", "Sales Person"),
    (r"/rest/v1/(customobjects)", "Custom Object"),
    (r"/rest/v1/activities/(types|external/)", "Activity Metadata"),
    (r"/rest/v1/activities", "Activity"),
    (r"/rest/v1/(leads?|lists|programs|partitions)", "Lead"),
    (r"/rest/asset/", "Assets"),
]
_EITHER = ["Read-Write Schema Standard Field", "Read-Write Schema Custom Field"]


def check(instance: Instance) -> None:
    """603 for a call that the role does not permit."""
    granted = instance.store.setting("permissions")
    wanted = needed(request.method, request.path, request.args.get("_method", ""))
    if granted is not None and wanted and not set(wanted) & set(granted):
        raise Refused("603", "Access denied")


def needed(method: str, path: str, as_method: str = "") -> list[str]:
    """The permissions of which one must be granted; empty: any role will do. A POST may say that it is meant as a GET."""
    reads = "GET" in (method, as_method)
    for pattern, area in _ROWS:
        if re.match(pattern, path):
            if area == "Schema Custom Field":
                return _EITHER if reads else _EITHER[1:]
            return [f"Read-Write {area}", *([f"Read-Only {area}"] if reads else [])]
    return []
