"""What is not known of HubSpot for certain, and what differs between accounts: one switch each, with its default.

The store's setting ``switches`` holds those that differ from the defaults, by name. Names that are not listed here are
ignored, so that one setting can serve several vendors.
"""

from dataclasses import dataclass, fields

from mamigrate_sandbox.store import Store


@dataclass(frozen=True)
class Switches:
    """Defaults are the documented behaviour, or, where nothing is documented, the one that hurts a careless client."""

    # --- the account --------------------------------------------------------------------------------------------------
    privacy_required: bool = False
    """Data-privacy settings are on: a subscription cannot be granted without a legal basis."""
    crm_attached: bool = False
    """A CRM connector is on: each contact written is pushed into it (counter ``crm_pushes``)."""
    hidden_fields: tuple[str, ...] = ()
    """Properties that the token cannot see: neither described, nor returned, nor writable."""
    create_is_marketing: bool = False
    """Contacts that the API creates become marketing contacts."""
    auto_associate_company: bool = False
    """A contact's email domain finds, or creates, the company and associates it."""
    search_lag_s: float = 3.0
    """Seconds of the sandbox's clock before a write shows up in search."""

    # --- consent (doubts 1 and 2 among them) ----------------------------------------------------------------------------
    resubscribe_clears_wide: bool = True
    """v4 SUBSCRIBED for one type also lifts the opt-out from everything; off: only that type's status changes."""
    not_specified_after_unsubscribe: bool = False
    """v4 accepts NOT_SPECIFIED for a type that is UNSUBSCRIBED."""
    legacy_optout_is_final: bool = True
    """Nobody who was opted out through the legacy API can be subscribed again."""
    unknown_address_not_found: bool = False
    """v4 answers 404 for an address that no contact has; off: 200 with NOT_SPECIFIED."""
    v3_not_specified_reads: str = "NOT_SUBSCRIBED"
    """v3 has no third status; this is what it says for NOT_SPECIFIED."""

    # --- records --------------------------------------------------------------------------------------------------------
    lifecycle_backward_refused: bool = False
    """A backward lifecycle stage answers 400; off: it is dropped and the call succeeds."""
    merge_keeps_primary_id: bool = False
    """The beta "primary id preservation": a merged record keeps the primary's id."""
    erased_address_refused: bool = False
    """An address that was deleted for good cannot be created again through the API; off: only imports and forms refuse it."""
    unicode_addresses: bool = False
    """Local parts beyond ASCII are accepted."""
    first_company_is_primary: bool = True
    """The first company associated with a contact becomes its primary one."""
    history_page_limit: int = 50
    """Largest page when history is asked for (doubt 4)."""
    history_versions_contacts: int = 45
    history_versions_others: int = 20
    """Newest versions kept of a property (doubt 4)."""

    # --- search (doubt 5) -----------------------------------------------------------------------------------------------
    search_headers: str = "none"
    """Rate-limit headers on search answers: ``none`` (documented), ``daily`` (recorded) or ``all``."""
    search_in_lower_case: bool = True
    """IN and NOT_IN on text compare with the lower-cased index, so that upper-case values never match."""
    search_neq_matches_unset: bool = True
    """NEQ, NOT_IN and NOT_CONTAINS_TOKEN also find records without a value."""

    # --- lists and flows (doubts 6 to 8) ----------------------------------------------------------------------------------
    property_association_branches: bool = False
    """Lists v3 accepts PROPERTY_ASSOCIATION branches on create."""
    is_not_known_accepted: bool = False
    """List filters accept IS_NOT_KNOWN beside IS_UNKNOWN."""
    campaign_properties_must_be_asked: bool = True
    """Campaigns are returned with no other properties than those named in the request."""
    flow_action_types_refused: tuple[str, ...] = ("0-2", "0-18", "0-19", "0-20", "0-23")
    """Action types that can be read but not created."""


def read(store: Store) -> Switches:
    """The switches as they stand now."""
    known = {field.name for field in fields(Switches)}
    chosen = {name: value for name, value in store.setting("switches", {}).items() if name in known}
    for name in ("hidden_fields", "flow_action_types_refused"):
        if name in chosen:
            chosen[name] = tuple(chosen[name])
    if store.setting("crm", {}).get("attached"):
        chosen.setdefault("crm_attached", True)
    return Switches(**chosen)
