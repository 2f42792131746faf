"""A HubSpot account for any client: documents in the store, in the shapes of the API.

Kinds and bodies (facts: HubSpot's public API references):

- ``contacts``, ``companies``, ``deals``: ``{"id", "properties": {name: text or null}, "createdAt", "updatedAt",
  "archived", "archivedAt"?, "history"?: {name: [{"value", "timestamp", "sourceType"}]}}``. ``properties`` holds what is
  set; all values are strings. Keys of contacts: ``email`` (lower case; also each of ``hs_additional_emails``).
  Archived records stay, with ``archived`` true and no ``email`` key.
- ``redirects/contacts``: ``{"to": id}`` for ids that a merge absorbed.
- ``erased``: id is the SHA-256 of a lower-case address that was deleted for good; ``{"at"}``.
- ``properties/contacts`` (``/companies``, ``/deals``): id is the name; the definition as the API returns it.
- ``groups/contacts``: property groups.
- ``owners``; ``pipelines/deals`` (body holds ``stages``); ``business-units``.
- ``definitions``: subscription types. ``statuses``: id ``<lower-case address>|<subscription id>``, body as in
  communication-preferences v4 results; key ``address``. Absent means NOT_SPECIFIED.
- ``optouts``: id ``<lower-case address>|<business unit id, or portal>``; body as a v4 wide status; key ``address``.
- ``timeline``: id is a number; body as in the legacy subscriptions timeline.
- ``lists`` (body is the list object with ``filterBranch`` and ``size``), links ``membership``: a = list id, b = record
  id, body ``{"at"}``.
- ``associations``: links ``association/contacts/companies`` and so on (both directions are stored), body
  ``{"types": [{"category", "typeId", "label"}]}``.
- ``flows``, ``workflow-ids`` (flow id to legacy id), ``emails``, ``campaigns`` (links ``campaign-assets/<TYPE>``),
  ``forms``, ``files``, ``folders``, ``marketing-events``, ``landing-pages``, ``site-pages``, ``email-events``.

Settings: ``portal`` (``portalId``, ``timeZone``, ``accountType`` ...), ``access_token``, ``scopes``, ``switches``,
``crm`` (``attached``).
"""
