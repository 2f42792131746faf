"""What stands inside assets: sections of e-mails, pages and snippets, form fields, segments, tags, template text."""

from mamigrate_sandbox.marketo import fields, shelves
from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Reply, asset_dates
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

_ASSET = "/rest/asset/v1"

# Path below the API root -> (kind, the sandbox's own key that holds the rows).
_ROWS = {
    "email/<int:id>/content": ("emails", "_content"),
    "email/<int:id>/variables": ("emails", "_variables"),
    "form/<int:id>/fields": ("forms", "_fields"),
    "form/<int:id>/thankYouPage": ("forms", "thankYouList"),
    "landingPage/<int:id>/content": ("landing-pages", "_content"),
    "landingPage/<int:id>/variables": ("landing-pages", "_variables"),
    "snippet/<int:id>/content": ("snippets", "_content"),
    "snippet/<int:id>/dynamicContent": ("snippets", "_dynamic"),
    "segmentation/<int:id>/segments": ("segmentations", "_segments"),
}
_PAGES = {
    "email/<int:id>/fullContent.json": "emails",
    "landingPage/<int:id>/fullContent.json": "landing-pages",
    "emailTemplate/<int:id>/content": "email-templates",
    "landingPageTemplate/<int:id>/content.json": "landing-page-templates",
}
# Types of form fields by the type of the lead field behind them.
_FORM_TYPES = {
    "boolean": "checkbox",
    "date": "date",
    "email": "email",
    "phone": "phone",
    "text": "textarea",
    "url": "url",
}


def register(routes: Routes) -> None:
    for path, (kind, key) in _ROWS.items():
        routes.add("GET", f"{_ASSET}/{path}.json", lambda call, id, kind=kind, key=key: rows(call, kind, key, id))
    for path, kind in _PAGES.items():
        routes.add("GET", f"{_ASSET}/{path}", lambda call, id, kind=kind: page(call, kind, id))
    routes.add("GET", f"{_ASSET}/form/fields.json", form_fields)
    routes.add("GET", f"{_ASSET}/tagTypes.json", tag_types)
    routes.add("GET", f"{_ASSET}/tagType/byName.json", tag_type)
    routes.add("GET", f"{_ASSET}/landingPageDomains.json", lambda call: plain(call, "landing-page-domains"))
    routes.add("GET", f"{_ASSET}/redirectRules.json", lambda call: plain(call, "redirect-rules"))


def rows(call: Call, kind: str, key: str, id: int) -> Reply:
    """702 for an asset that there is not; an asset without rows answers with the usual warning."""
    found = shelves.need(call.instance, kind, id).get(key) or []
    return Reply([asset_dates(row) for row in (found if isinstance(found, list) else [found])])


def page(call: Call, kind: str, id: int) -> Reply:
    body = shelves.need(call.instance, kind, id)
    return Reply([{"id": id, "status": body.get("status", "draft"), "content": body.get("_html", "")}])


def plain(call: Call, kind: str) -> Reply:
    start, size = call.page()
    return Reply([asset_dates(body) for body in call.instance.bodies(kind)[start : start + size]])


def form_fields(call: Call) -> Reply:
    """Ids are SOAP-style names: ``FirstName`` for ``firstName``; custom fields keep their REST name."""
    start, size = call.page()
    known = [field for field in fields.load(call.instance).values() if not field.hidden and not field.read_only]
    return Reply([_form_field(field) for field in known[start : start + size]])


def _form_field(field: fields.Field) -> Body:
    id = field.name if field.custom else field.name[0].upper() + field.name[1:]
    row: Body = {
        "id": id,
        "dataType": _FORM_TYPES.get(field.type, "text"),
        "isRequired": False,
        "description": field.label,
    }
    return row | ({"maxLength": field.length} if field.length else {})


def tag_types(call: Call) -> Reply:
    start, size = call.page()
    shown = [
        {key: value for key, value in body.items() if key != "allowableValues"}
        for body in call.instance.bodies("tag-types")
    ]
    return Reply(shown[start : start + size])


def tag_type(call: Call) -> Reply:
    body = call.instance.store.get("tag-types", call.need("name"))
    return Reply([body] if body else [])
