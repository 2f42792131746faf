"""/cms/v3/pages: landing pages and site pages."""

import flask

from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, flag, here, listed, sent, words
from mamigrate_sandbox.hubspot.refusals import not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("pages", __name__)
_TEXTS = (
    "abTestId", "authorName", "campaign", "contentGroupId", "createdById", "domain", "dynamicPageDataSourceId",
    "dynamicPageHubDbTableId", "featuredImage", "featuredImageAltText", "folderId", "footerHtml", "headHtml",
    "htmlTitle", "linkRelCanonicalUrl", "mabExperimentId", "metaDescription", "name", "pageExpiryRedirectUrl",
    "password", "slug", "subcategory", "templatePath", "translatedFromId", "updatedById", "url",
)  # fmt: skip
_FLAGS = (
    "archivedInDashboard", "currentlyPublished", "enableDomainStylesheets", "enableLayoutStylesheets",
    "includeDefaultCustomCss", "pageExpiryEnabled", "pageRedirected", "publicAccessRulesEnabled", "publishImmediately",
    "useFeaturedImage",
)  # fmt: skip
_BLANK: Body = {
    **dict.fromkeys(_TEXTS, ""), **dict.fromkeys(_FLAGS, False), "attachedStylesheets": [], "publicAccessRules": [],
    "layoutSections": {}, "themeSettingsValues": {}, "translations": {}, "widgetContainers": {}, "widgets": {},
    "categoryId": 0, "dynamicPageDataSourceType": 0, "pageExpiryDate": 0, "pageExpiryRedirectId": 0,
    "abStatus": "master", "contentTypeCategory": "1", "language": "en", "state": "DRAFT", "currentState": "DRAFT",
    "archivedAt": "1970-01-01T00:00:00Z",
}  # fmt: skip
BASE = "/cms/v3/pages/<any('landing-pages', 'site-pages'):kind>"


@routes.get(BASE)
def index(kind: str) -> Answer:
    rows = [body for _, body in here().store.all(kind) if bool(body.get("archivedInDashboard")) == flag("archived")]
    wanted = words("property")
    shown = [{name: v for name, v in _shown(row).items() if not wanted or name in (*wanted, "id")} for row in rows]
    return listed(shown, 20, 100, total=True)


@routes.post(BASE)
def create(kind: str) -> Answer:
    portal, body = here(), sent()
    id, now = str(portal.store.next_id(kind, 7001)), portal.stamp()
    page = {**body, "id": id, "createdAt": now, "updatedAt": now}
    portal.store.put(kind, id, page)
    return _shown(page), 201


@routes.get(f"{BASE}/<id>")
def get(kind: str, id: str) -> Answer:
    return _shown(_page(here(), kind, id))


@routes.patch(f"{BASE}/<id>")
def change(kind: str, id: str) -> Answer:
    portal = here()
    page = _page(portal, kind, id) | sent() | {"id": id, "updatedAt": portal.stamp()}
    portal.store.put(kind, id, page)
    return _shown(page)


@routes.delete(f"{BASE}/<id>")
def delete(kind: str, id: str) -> Answer:
    _page(here(), kind, id)
    here().store.remove(kind, id)
    return NOTHING


def _page(portal: Portal, kind: str, id: str) -> Body:
    found = portal.store.get(kind, id)
    if found is None:
        raise not_found(f"Page {id} does not exist")
    return found


def _shown(row: Body) -> Body:
    """The whole page: what it does not say of itself is blank."""
    created = row.get("createdAt") or "1970-01-01T00:00:00Z"
    updated = row.get("updatedAt") or created
    dates = {"created": created, "updated": updated, "publishDate": row.get("publishDate") or updated}
    return {**_BLANK, **dates, "createdAt": created, "updatedAt": updated, **row}
