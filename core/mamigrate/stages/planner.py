"""The pure planner of people for a move, and the subscription types that it judges."""

from mamigrate.consent.scope import Scope
from mamigrate.contract import ConsentFields
from mamigrate.errors import UsageError
from mamigrate.model.kinds import Kind
from mamigrate.plan.consent import TopicCell
from mamigrate.plan.people import PeoplePlanner
from mamigrate.stages import cells as judged
from mamigrate.stages.move import Move
from mamigrate.stages.prepare import Prepared


def planner(move: Move, prepared: Prepared) -> PeoplePlanner:
    """The pure planner for this move. Raises UsageError for a target without denials or without an address field."""
    instance = move.target.instance
    email = prepared.field_of("email")
    if not isinstance(instance, ConsentFields) or not email:
        raise UsageError(
            f"{move.target.adapter.title} cannot hold consent yet: nobody may be written there", where=move.target.name
        )
    return PeoplePlanner(
        source=move.source.name,
        rules=prepared.rules[Kind.PERSON],
        cells=cells(prepared),
        denial_values=instance.denial_values,
        email_field=email,
        key_field=move.target.adapter.key_fields[Kind.PERSON],
        blocking_fields=frozenset(blocker.field for blocker in move.target.adapter.blockers),
        meanings=prepared.meanings(),
        account_field=_account_field(move, prepared),
        account_owned=frozenset(_names(prepared, Kind.ACCOUNT) & _names(prepared, Kind.PERSON)),
        owners=prepared.owner_texts.own,
        closed_when_new=prepared.unasked.closed,
        owner_place=prepared.owner_texts.places.get(Kind.PERSON),
    )


def _account_field(move: Move, prepared: Prepared) -> str:
    """The person field that names the person's account by our key, where the target has one and takes accounts."""
    name = move.target.adapter.key_fields.get(Kind.ACCOUNT, "")
    there = any(f.api_name == name and not f.read_only for f in prepared.target_fields if f.holder is Kind.PERSON)
    return name if there and move.target.takes(Kind.ACCOUNT) else ""


def _names(prepared: Prepared, holder: Kind) -> set[str]:
    return {field.api_name for field in prepared.target_fields if field.holder is holder}


def cells(prepared: Prepared) -> list[TopicCell]:
    """The source's email subscription types with their places on the target, one that becomes several has several; then those
    that the target opens by itself.
    """
    return [*judged.cells(prepared.topics, prepared.mapping.topics, prepared.former), *prepared.unasked.cells]


def scopes(prepared: Prepared, *, own: bool = True) -> list[Scope]:
    """Subscription types as scopes; ``own``: those too that only the target has."""
    known = [cell for cell in cells(prepared) if own or not cell.own]
    return [Scope("email", cell.brand, cell.key, cell.asset_class) for cell in known]
