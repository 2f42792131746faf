"""A Marketo instance for any client: documents in the store, in the shapes of the API.

Kinds and bodies (facts: Adobe's public REST references):

- ``fields/lead`` (``/company``, ``/opportunity``, ``/opportunityRole``): id is the REST name; ``{"id", "name", "displayName", "dataType",
  "length"?, "readOnly", "isCustom", "isHidden", "isApiCreated", "crmManaged", "searchable"}``.
- ``leads``: ``{"id": int, field: value, ...}`` with typed JSON values, absent meaning null; ``createdAt`` and
  ``updatedAt`` as ``2026-01-15T10:30:00Z``. Keys: ``email`` (lower case) and one for every searchable field with a
  value (its REST name).
- ``master-unsubscribed``: id is the lower-case address: the durable unsubscribe; ``{"at"}``. Survives leads.
- ``deleted-leads``, ``companies``, ``opportunities``, ``opportunity-roles``, ``sales-persons``.
- ``lists`` (static), links ``list-member``: a = list id, b = lead id. ``smart-lists``, ``smart-campaigns``.
- ``programs``, links ``program-member`` (a = program id, b = lead id, body with status and dates); ``channels``,
  ``tag-types``, ``folders``, ``tokens`` (id ``<folder type>/<folder id>``), ``emails``, ``forms``, ``landing-pages``.
- ``activities``: id is a number; body as the API returns it. ``activity-types``.
- ``import-jobs``, ``export-jobs``: state machines; ``files``: id -> ``{"text"}``.

Settings: ``instance`` (``munchkinId``, ``timeZone``), ``client_id``, ``client_secret``, ``api_user``, ``switches``,
``crm`` (``attached``).
"""
