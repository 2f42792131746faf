"""What becomes of each program of the source: made, standing already, or left for a person. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import orjson

from mamigrate.mapping.recipes import Recipe, Recipes
from mamigrate.model.estate import Program
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import Bucket, Planned


def programs(
    source: Sequence[Program],
    recipes: Recipes | None,
    standing: Mapping[str, Program],
    gone: Collection[str],
    prefix: str,
) -> Iterator[Planned]:
    """``recipes`` None: nobody signed any. ``standing`` are our programs of the target by the recipe's key, ``gone`` keys of
    those that vanished; ``prefix`` makes the mark of a key.
    """
    for one in source:
        recipe = recipes.of(one.key) if recipes else None
        if recipes is None:
            yield Planned(Kind.PROGRAM, one.key, Bucket.HANDED, "recipes_unsigned")
        elif one.key in recipes.leave:
            yield Planned(Kind.PROGRAM, one.key, Bucket.LEFT, "left_by_recipe", recipes.leave[one.key])
        elif recipe is None:
            yield Planned(Kind.PROGRAM, one.key, Bucket.HANDED, "no_recipe")
        elif recipe.key != one.key:
            yield Planned(Kind.PROGRAM, one.key, Bucket.MERGED, "one_recipe", recipe.key)
        else:
            yield _program(recipe, one, standing.get(one.key), one.key in gone, prefix)


def _program(recipe: Recipe, source: Program, there: Program | None, gone: bool, prefix: str) -> Planned:
    values = values_of(recipe, source, prefix)
    if there is None:
        reason = "gone_on_target" if gone else "new"
        return Planned(Kind.PROGRAM, recipe.key, Bucket.CREATED, reason, values=values)
    held = {"starts_on": there.starts_on, "ends_on": there.ends_on}
    sent = {name: values[name] for name, value in held.items() if values.get(name) and values[name] != value}
    bucket = Bucket.UPDATED if sent else Bucket.EQUAL
    return Planned(Kind.PROGRAM, recipe.key, bucket, "ledger", target_key=there.key, values=sent)


def values_of(recipe: Recipe, source: Program, prefix: str) -> dict[str, str | None]:
    """What is written of a program, as the contract names it."""
    costs = [{"day": one.on.isoformat(), "amount": str(one.amount), "note": one.note} for one in recipe.costs]
    told = (
        recipe.description or f"from {source.origin.connection}, {source.origin.vendor_type} {source.origin.vendor_id}"
    )
    values: dict[str, str | None] = {
        "name": recipe.name,
        "type": recipe.type,
        "channel": recipe.channel,
        "folder": recipe.folder,
        "description": told,
        "source_key": f"{prefix}{recipe.key}",
    }
    more = {
        "starts_on": recipe.starts.isoformat() if recipe.starts else "",
        "ends_on": recipe.ends.isoformat() if recipe.ends else "",
        "costs": orjson.dumps(costs).decode() if costs else "",
        "tags": orjson.dumps(dict(sorted(recipe.tags.items()))).decode() if recipe.tags else "",
    }
    return values | {name: text for name, text in more.items() if text}
