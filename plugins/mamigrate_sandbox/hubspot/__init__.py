"""A HubSpot account for any client: documents in the store, in the shapes of the API.

Kinds and bodies (facts: HubSpot's public API references):

- ``contacts``, ``companies``, ``deals``: ``{"id", "properties": {name: text or null}, "createdAt", "updatedAt",
  "archived", "archivedAt"?, "history"?: {name: [{"value", "timestamp", "sourceType"}]}}``. ``properties`` holds what is
  set; all values are strings. Keys of contacts: ``email`` (lower case; also each of ``hs_additional_emails``).
  Archived records stay, with ``archived`` true and no ``email`` key. ``history`` is newest first. One key more for each
  property with ``hasUniqueValue`` (its name). Other object types (``notes``, ``tasks``, ``calls``, ``meetings``,
  ``emails-1to1`` ...) look the same; the kind of one-to-one emails is ``emails-1to1``, because ``emails`` are
  marketing emails.
- ``redirects/contacts``: ``{"to": id}`` for ids that a merge absorbed.
- ``erased``: id is the SHA-256 of a lower-case address that was deleted for good; ``{"at"}``.
- ``properties/contacts`` (``/companies``, ``/deals``): id is the name; the definition as the API returns it.
- ``groups/contacts``: property groups.
- ``owners``; ``pipelines/deals`` (body holds ``stages``); ``business-units``.
- ``definitions``: subscription types. ``statuses``: id ``<lower-case address>|<subscription id>``, body as in
  communication-preferences v4 results; key ``address``. Absent means NOT_SPECIFIED. Mirror properties of contacts
  (``hs_email_optout`` ...) are stored in ``properties``: whoever fills the store writes them too, or calls
  ``mirrors.refresh_all(store)`` at the end.
- ``optouts``: id ``<lower-case address>|<business unit id, or portal>``; body as a v4 wide status; key ``address``.
- ``sealed``: id is a lower-case address opted out by the legacy API, which has no undo.
- ``timeline``: id is a number; body as in the legacy subscriptions timeline.
- ``lists`` (body is the list object with ``filterBranch`` and ``size``), links ``membership``: a = list id, b = record
  id, body ``{"at"}``.
- ``associations``: links ``association/contacts/companies`` and so on (both directions are stored), body
  ``{"types": [{"category", "typeId", "label"}]}``.
- ``flows``; ``workflow-ids``: id is the flow id, ``{"workflowId"}``; links ``enrolment``: a = legacy workflow id,
  b = contact id, body ``{"at"}``; ``flow-emails``: id is ``<flow id>/<content id>``, ``{"flowId", "emailCampaignId",
  "emailContentId"}``.
- ``submissions/<form id>``: id is a number; body as form-integrations v1 returns it, newest has the highest id.
- ``marketing-events``: id is the object id; body as marketing events v3 lists it, with ``externalAccountId``. Links
  ``participation``: a = event's object id, b = contact id, body ``{"attendanceState", "occurredAt",
  "attendanceDurationSeconds"?, "attendancePercentage"?}``.
- ``emails`` (body may hold ``stats``), ``campaigns`` (links ``campaign-assets/<TYPE>``),
  ``forms``, ``files``, ``folders``, ``landing-pages``, ``site-pages``. ``email-events``: id is a number, in the order in
  which the events are listed; body as email events v1 returns it. ``email-campaigns``: id is the one that events name;
  body as email campaigns v1 tells it. ``legacy-lists``: id is a v1 list id, ``{"listId"}``.

Settings: ``portal`` (the body of account-info details: ``portalId``, ``timeZone``, ``accountType`` ...),
``access_token``, ``scopes`` (names; absent = all), ``switches`` (see ``switches.py``), ``limits`` (see ``limits.py``),
``client_id``, ``client_secret``, ``refresh_token`` (OAuth), ``crm`` (``attached``).

``describe.install_defaults(store)`` writes the portal's settings, HubSpot's own properties and groups, the deal pipeline
and three subscription types. Call it first, then add what is the estate's own.
"""
