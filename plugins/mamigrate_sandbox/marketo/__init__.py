"""A Marketo instance for any client: documents in the store, in the shapes of the API.

Kinds and bodies (facts: Adobe's public REST references). A body's keys that begin with ``_`` are the sandbox's own:
no vendor call returns them. Dates stand as ``2026-01-15T10:30:00Z`` everywhere; asset routes add ``+0000``.

- ``fields/lead`` (``/company``, ``/opportunity``, ``/opportunityRole``, ``/salesPerson``, ``/programMember``): id is the
  REST name; ``{"id", "name", "displayName", "dataType", "length"?, "readOnly", "isCustom", "isHidden", "isApiCreated",
  "crmManaged", "searchable", "description"?}``.
- ``partitions``: ``{"id": 1, "name": "Default", "description"}``.
- ``leads``: ``{"id": int, field: value, ...}`` with typed JSON values, absent meaning null; ``createdAt`` and
  ``updatedAt`` as ``2026-01-15T10:30:00Z``. Keys: ``email`` (lower case) and one for every searchable field with a
  value (its REST name, value as text in lower case). ``leads.keys_of`` computes them.
  Nobody is older than the root folders (``install_defaults(store, founded=...)``): clients read people from that day on.
- ``master-unsubscribed``: id is the lower-case address: the durable unsubscribe; ``{"at"}``. Survives leads.
- ``deleted-leads``: ``{"id", "email", "name", "at"}``.
- ``companies``: numeric id, keys ``externalCompanyId`` and ``company``. ``opportunities``, ``opportunity-roles``: id is the
  ``marketoGUID``, keys are the dedupe and searchable fields. ``sales-persons``: numeric id, keys
  ``externalSalesPersonId`` and ``email``. Key values in lower case.
- ``lists`` (static): asset shape ``{"id", "name", "description", "createdAt", "updatedAt", "folder": {"id", "type"},
  "computedUrl", "workspace"}``, key ``name``; links ``list-member``: a = list id, b = lead id.
- ``smart-lists``: asset shape with ``rules`` (``{"filterMatchType", "triggers": [{"name", ...}], "filters": [...]}``), key
  ``name``. Those that belong to a campaign have ``"_system": true`` and are not listed.
- ``smart-campaigns``: asset shape (``status``, ``type``, ``isActive``, ``isRequestable``, ``smartListId``, ``flowId`` ...), key
  ``name``, plus ``_flow``: ``[{"name": "Send Email", ...}]`` (REST cannot read it). ``parentProgramId`` where in a program.
  Links ``campaign-member``: a = campaign id, b = lead id.
- ``programs``: asset shape, key ``name``; links ``program-member`` (a = program id, b = lead id, body ``{"statusName",
  "membershipDate", "reachedSuccess", "reachedSuccessDate", "acquiredBy", "isExhausted", "nurtureCadence", "trackName",
  "createdAt", "updatedAt", custom member fields ...}``).
- ``channels`` (numeric id, ``progressionStatuses``), ``tag-types`` (id is the name, lists as the API's strings),
  ``folders`` (asset shape, key ``name``), ``tokens`` (id ``<Folder or Program>/<id>``; ``{"tokens": [{"name", "type",
  "value", "computedUrl"}]}``).
- ``emails`` (``_content``: rows of content.json, ``_html``), ``email-templates`` (``_html``), ``forms`` (``_fields``: rows of
  fields.json), ``landing-pages`` (``_content``), ``landing-page-templates`` (``_html``), ``snippets`` (``_content``,
  ``_dynamic``), ``segmentations`` (``_segments``), ``files``-like images in ``asset-files``: asset shapes, key ``name``.
- ``activities``: id is a number; body as the API returns it; key ``leadId``. ``activity-types``: id is the type id; custom
  ones also carry ``apiName`` (a key), ``status``, ``triggerName``, ``filterName``, ``_draft``.
- ``import-jobs``, ``export-jobs``: state machines; ``files``: id -> ``{"text"}``.

Settings: ``instance`` (``munchkinId``, ``timeZone``), ``client_id``, ``client_secret``, ``api_user``, ``permissions`` (of
the user's role; without it every one), ``switches`` (``switches.py`` lists them), ``crm`` (``attached``; ``sync`` "on" or "paused", default "on").

Counters: ``call/<METHOD> <route>`` for every request, ``sends``, ``enrolments``, ``crm_pushes``, ``form_fills``,
``campaign_runs``; the instance's own books are ``usage/<day>``, ``errors/<day>/<code>`` and ``export-bytes/<day>`` (days of
Chicago). A POST with ``_method=GET`` counts as a GET.
"""
