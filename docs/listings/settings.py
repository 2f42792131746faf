"""Project file, mapping file, decisions and files of facts: every key, with what it means.

What a key means stands here; a key that is new in the program and has no sentence here stops the generator.
"""

import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from listings.table import code, table
from mamigrate.consent import declared, files
from mamigrate.consent.regimes.basis import BasisRule
from mamigrate.mapping import model as mapping_model
from mamigrate.mapping import recipes
from mamigrate.plan import policy
from mamigrate.settings import decisions as decisions_file
from mamigrate.settings import model, transfers

Sections = Mapping[str, tuple[type[BaseModel], Mapping[str, str]]]

PROJECT: Sections = {
    "[project]": (
        model.ProjectSection,
        {
            "name": "what reports call the project; the folder's name when empty",
            "time_zone": "IANA name of the zone in which the report tells times",
            "lang": "language of the report when `--lang` is not given: `en`, `ja` or `ko`",
            "licence_ends": "last day of the source's contract; a plan says how many days before it everything is done",
            "signed": "who signs for everything; only sandboxes write it: leave it out",
            "block": "names of plug-ins (entry points) that are not loaded while a move is under way",
        },
    ),
    "[connections.NAME]": (
        model.ConnectionSection,
        {
            "adapter": "name of an installed adapter",
            "base_url": "where the platform answers; HubSpot has one for everybody, Marketo one an instance",
            "time_zone": "IANA name of the zone of the instance",
            "speed": "how much faster than the wall its clock runs; refused unless the base URL is this machine",
            "contracted_people": "people that the contract allows; a plan that brings the target to more stops with 3",
        },
    ),
    "[crm_link]": (
        model.CrmLink,
        {
            "order": "decided: whether the CRM's people reach the target before ours or after them",
            "sync": "decided: whether the CRM's own synchronisation is paused while we write",
            "match": "decided: by what people on both sides are the same; the order is no matter, since contradictions are parked",
            "owners": "decided: field of the target by the side that owns it",
            "cycle_hours": "hours that one full cycle of the CRM's synchronisation takes; without it no proof counts as settled",
            "signed": "who decided this",
        },
    ),
    "[facts]": (
        model.FactsSection,
        {
            "files": "files of facts, relative to the project, read with every run",
            "tombstones": "folders with the `tombstones.jsonl` and `tombstones.key` that purges of earlier projects left, relative to the project",
        },
    ),
    "[consent]": (
        model.ConsentSection,
        {
            "packs": "packs of law that bind people of their countries: `can_spam`, `casl`, `gdpr`, `germany`, `japan`, `korea`",
            "default_regime": "the pack for people without a known country; `source`: only what the source itself would send",
            "basis": "basis rules, see below",
            "pending_days": "how long a double opt-in may wait for its confirmation; older ones count as refused, of their type",
            "signed": "who decided this; required as soon as there are packs, basis rules or a default regime",
        },
    ),
    "[[consent.basis]]": (
        BasisRule,
        {
            "field": "field of the source's people that says how the address was got",
            "values": "the values that this rule is about; empty: any value",
            "basis": "what they mean: `card`, `dealings`, `purchase`, `inquiry`, `contract`, `published`, `own_customer`, or `night`",
            "kind": "what such a basis is: consent given (`grant`) or one that the law infers (`implied_grant`)",
            "dated_by": "field with the date of the event; a basis with a term does not count without one",
            "proof": "how well it is proven, 0 to 3",
            "topics": "keys of the subscription types that it covers; `*` for all",
        },
    ),
    "[history]": (
        policy.HistorySection,
        {
            "policy": "what of the past goes along; `minimum`: forms and changes of stages and scores. Without this section none of it is read: [how to decide](../how-to/take-history-along.md)",
            "months": "nothing older goes along, of families without their own rule",
            "bots": "whether events of machines go along; they are marked",
            "families": "`[history.families.NAME]`, an exception for `email`, `form`, `sales`, `event`, `web`, `change` or `other`; keys as below",
            "signed": "who decided this: types of activities and activities can never be taken back",
        },
    ),
    "[history.families.NAME]": (
        policy.FamilyRule,
        {
            "carry": "whether this family goes along, whatever the policy says",
            "months": "nothing older of this family goes along",
        },
    ),
    "[snapshots]": (
        model.SnapshotsSection,
        {
            "key_env": "environment variable with the key that encrypts snapshots: 32 random bytes in base 64",
            "key_keyring": "the same from the system's keyring, a name under the service `mamigrate`",
        },
    ),
    "[ledger]": (
        model.LedgerSection,
        {
            "url": "a SQLAlchemy URL; empty: `.mamigrate/ledger.sqlite`",
            "url_env": "environment variable that holds the URL, where it has a password",
        },
    ),
    "[transfers]": (
        transfers.TransfersSection,
        {
            "controller": "who is responsible for the people's data, with an address",
            "signed": "who answers for this section",
            "holders": "`[transfers.holders.NAME]`: a platform, by the name of its connection; keys as below",
            "project": "`[transfers.project]`: this folder while the move is under way; keys as below",
            "evidence": "`[transfers.evidence]`: what a purge spares; keys as below",
            "recipients": "everybody else who gets data of this move, see below",
        },
    ),
    "[transfers.holders.NAME]": (
        transfers.Holding,
        {
            "name": "who holds it, as a contract or an official register calls them; without it, the platform's name",
            "country": "two letters of ISO 3166: where it is held",
            "purpose": "what it is held for",
            "basis": "on which legal basis",
            "until": "a day, `YYYY-MM-DD`, or words: until when it is held",
        },
    ),
    "[[transfers.recipients]]": (
        transfers.Recipient,
        {
            "name": "who holds it, as a contract or an official register calls them",
            "country": "two letters of ISO 3166: where it is held",
            "purpose": "what it is held for",
            "basis": "on which legal basis",
            "until": "a day, `YYYY-MM-DD`, or words: until when it is held",
        },
    ),
}

PROGRAMS: Sections = {
    "The file": (
        recipes.Recipes,
        {
            "version": "of this format",
            "source": "name of the connection that is moved from",
            "target": "name of the connection that is moved to",
            "signed": "who answers for the file, and since when; without it no program moves",
            "currency": "what the target counts costs in; needed where there are costs",
            "acquisition": "`first_success`: people without a program that won them get the one of their first success",
            "attribution": "which opportunities are won, so that what they brought can be split over programs on both sides",
            "programs": "one recipe for each program of the target",
            "leave": "programs of the source that stay behind, each with a reason",
        },
    ),
    "A recipe": (
        recipes.Recipe,
        {
            "from": "keys of the source's programs, one or several: `campaign/<id>`, `event/<id>`; the first names it",
            "name": "on the target; no other program may have it",
            "type": "the target's word for the type; it can never be changed",
            "channel": "the target's channel, whose ladder holds the statuses; it can never be changed",
            "folder": "path of a folder that is there",
            "description": "for readers; a mark by which the program is found again is added to it",
            "starts": "a day, `YYYY-MM-DD`, of types that have days",
            "ends": "as `starts`, and not before it",
            "costs": "what periods cost, see below",
            "tags": "type of tag to value",
            "members": "rules for who becomes a member with which status",
        },
    ),
    "A cost": (
        recipes.Cost,
        {"on": "a day, `YYYY-MM-DD`", "amount": "in the file's currency, in quotes", "note": "for readers"},
    ),
    "A rule for members": (
        recipes.MemberRule,
        {
            "list": "whoever is in this list of people, by its key",
            "form": "whoever sent this form, `form/<id>`",
            "participation": "whoever took part with this state, as the source words it: `REGISTERED`, `ATTENDED`, `CANCELLED`, `NO_SHOW`",
            "click": "whoever clicked in this email, `email/<id>`; machines do not count",
            "reply": "whoever answered this email, where the source tells so",
            "status": "a status of the channel's ladder",
        },
    ),
    "`attribution`": (
        recipes.Attribution,
        {
            "won_stages": "stages in which an opportunity of the source is won",
            "amount": "field of the source's opportunities with what they brought",
        },
    ),
}

MAPPING: Sections = {
    "The file": (
        mapping_model.Mapping,
        {
            "version": "of this format",
            "source": "name of the connection that is moved from",
            "target": "name of the connection that is moved to",
            "signed": "who answers for the file, and since when; without it nothing but `mm_*` fields is created",
            "person": "rules for fields of people",
            "account": "rules for fields of companies",
            "opportunity": "rules for fields of deals",
            "topics": "rules for subscription types",
            "owners": "a text for each owner of the source, who is named by id, address or name; others keep their address or name",
            "owner_fields": "fields of the target that these texts go into; people have `mm_owner` besides",
        },
    ),
    "`signed`": (mapping_model.Signature, {"who": "a person's name", "when": "a day, `YYYY-MM-DD`"}),
    "A rule for a field": (
        mapping_model.FieldRule,
        {
            "from": "API name of the source's field",
            "to": "API name of a field that the target has",
            "create": "a field to create on the target",
            "drop": "the reason why the field stays behind",
            "values": "old value to new value, for choices",
            "other": "what becomes of values that `values` does not name: kept as they are, or left behind and counted",
            "too_long": "text that does not fit: stop the run, cut it at a character, or leave it behind; what is cut or left is counted",
            "on_conflict": "for people who were on the target before: fill empty fields only, or overwrite",
        },
    ),
    "`owner_fields`": (
        mapping_model.OwnerFields,
        {
            "person": "API name of a field of people, of text or choices",
            "account": "API name of a field of companies; without one, owners of companies are handed to a person",
            "opportunity": "API name of a field of deals; without one, owners of deals are handed to a person",
        },
    ),
    "`create`": (
        mapping_model.NewField,
        {"name": "API name", "label": "name on the screens", "type": "one of the neutral types below"},
    ),
    "A rule for a subscription type": (
        mapping_model.TopicRule,
        {
            "from": "id of the source's subscription type",
            "name": "its name, for readers",
            "to": "API name of a yes/no field that the target has",
            "create": "a yes/no field to create on the target",
            "deny_all": "a reason: whoever left this type is denied all marketing instead",
            "polarity": "needed with a field. `opt_out`: true denies, empty does not. `opt_in`: only true allows",
            "purpose": "in a further rule of the same type: `same` where people who said yes were told of this one too; `other` takes their opt-outs and nobody's yes",
        },
    ),
}

DECISION = {
    "id": "the question, as the run names it",
    "choice": "the answer",
    "who": "a person's name",
    "why": "the reason, for the auditor",
    "when": "a day, `YYYY-MM-DD`",
    "column": "with the choice `declare` only: what the values of the column say (below)",
}

COLUMN = {
    "values": "each value and what it says: `denies`, `allows` or `nothing`; capitals, wide letters and blanks make no difference",
    "empty": "what it says that nothing stands there: `denies` or `nothing`",
    "topic": "the subscription type that the column is about, by its key; `*` is all marketing",
    "by": "whose word it is: `person` (an opt-out, which a later proven yes of the person ends) or `staff` (a hold, which only you end)",
}

WHAT = {
    "objection": "asked not to be mailed",
    "complaint": "called a mail spam",
    "undeliverable": "the address does not work",
    "block": "somebody put the address on a block list",
    "erasure": "asked to be deleted for good",
    "org_hold": "the company itself holds mail back",
    "topic_opt_out": "left one subscription type: `topic_opt_out:<id of the type>`",
}


def project_file() -> str:
    return "\n\n".join(f"## `{name}`\n\n{_keys(kind, says)}" for name, (kind, says) in PROJECT.items())


def mapping() -> str:
    return "\n\n".join(f"## {name}\n\n{_keys(kind, says)}" for name, (kind, says) in MAPPING.items())


def programs() -> str:
    return "\n\n".join(f"## {name}\n\n{_keys(kind, says)}" for name, (kind, says) in PROGRAMS.items())


def decisions() -> str:
    """Keys of a decision, then those of what it declares."""
    return _keys(decisions_file.Decision, DECISION) + "\n\nKeys of `column`:\n\n" + _keys(declared.Declared, COLUMN)


def facts() -> str:
    """Columns of a file of facts, and the words of its column ``what``."""
    columns = f"Columns: {', '.join(code(name) for name in files.COLUMNS)}."
    return columns + "\n\n" + table(("`what`", "meaning"), ((code(word), WHAT[word]) for word in files.WHAT))


def _keys(kind: type[BaseModel], says: Mapping[str, str]) -> str:
    names = [info.alias or name for name, info in kind.model_fields.items()]
    if unknown := set(says) - set(names):
        raise KeyError(f"{kind.__name__} has no {unknown}")
    rows = (
        (code(info.alias or name), _type(info.annotation), _default(info), says[info.alias or name])
        for name, info in kind.model_fields.items()
    )
    return table(("key", "takes", "default", "what it is"), rows)


def _default(info: Any) -> str:
    if info.is_required():
        return "required"
    value = info.default
    if value is PydanticUndefined or value is None or isinstance(value, BaseModel) or value in ("", ()):
        return ""
    if isinstance(value, bool):
        return code("true" if value else "false")
    return code(", ".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else value)


def _type(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        return _type(get_args(kind)[0])
    if get_origin(kind) in (types.UnionType, Union):
        return _type(next(part for part in get_args(kind) if part is not type(None)))
    if get_origin(kind) is Literal:
        return ", ".join(code(word) for word in get_args(kind))
    if get_origin(kind) is tuple:
        return f"list of {_type(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        return "tables by name" if isinstance(get_args(kind)[1], type(BaseModel)) else "table of texts"
    return _NAMES.get(getattr(kind, "__name__", ""), "table")


_NAMES = {
    "str": "text",
    "bool": "true or false",
    "int": "number",
    "float": "number",
    "date": "day",
    "DataType": "type",
    "FieldRule": "rules",
    "TopicRule": "rules",
    "Recipe": "recipes",
    "MemberRule": "rules",
    "Cost": "costs",
    "Decimal": "number",
    "OwnerFields": "table",
}
