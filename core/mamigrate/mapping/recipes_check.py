"""Recipes against what both sides hold: everything that would make a wrong program, or none. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mamigrate.contract.programs import ProgramRoom
from mamigrate.findings import Finding, Severity
from mamigrate.handwritten.text import hint
from mamigrate.mapping.load import Places
from mamigrate.mapping.recipes import Recipe, Recipes
from mamigrate.model.estate import Channel, Program

Found = Iterator[Finding]


@dataclass(frozen=True, slots=True)
class Known:
    """What recipes are held against. ``evidence`` are keys that were read, by kind of evidence; ``marks`` how what this
    direction made is called on the target, by the recipe's key. ``stages`` None: the source tells no pipelines.
    """

    programs: Mapping[str, Program]
    evidence: Mapping[str, frozenset[str]]
    channels: Mapping[str, Channel]
    standing: Sequence[Program]
    marks: Mapping[str, str]
    room: ProgramRoom
    amounts: frozenset[str]
    stages: frozenset[str] | None = None


def check(recipes: Recipes, known: Known, places: Places) -> list[Finding]:
    """A finding for each slip; the subject is the place in the file. All of a signed file block, and warn in another."""
    severity = Severity.BLOCK if recipes.signed else Severity.WARN
    told = _Telling(recipes, known, places, severity)
    return list(told.all())


@dataclass(frozen=True, slots=True)
class _Telling:
    recipes: Recipes
    known: Known
    places: Places
    severity: Severity

    def all(self) -> Found:
        names = Counter(_folded(one.name) for one in self.recipes.programs)
        yield from self._unknown_leave()
        yield from self._attribution()
        for at, recipe in enumerate(self.recipes.programs):
            yield from self._sources(at, recipe)
            yield from self._name(at, recipe, names)
            yield from self._place(at, recipe)
            yield from self._channel(at, recipe)
            yield from self._evidence(at, recipe)
            yield from self._costs(at, recipe)
            yield from self._tags(at, recipe)

    def _finding(self, code: str, where: tuple[int | str, ...], /, **params: str) -> Finding:
        return Finding(code, self.severity, self.places(*where), params)

    def _near(
        self, code: str, where: tuple[int | str, ...], value: str, known: Sequence[str] | frozenset[str]
    ) -> Found:
        if value not in known:
            yield self._finding(code, where, value=value, near=hint(value, sorted(known)[:50]) if known else "-")

    def _unknown_leave(self) -> Found:
        for key in self.recipes.leave:
            yield from self._near("recipe_source_unknown", ("leave", key), key, frozenset(self.known.programs))

    def _attribution(self) -> Found:
        told = self.recipes.attribution
        stages = self.known.stages
        for at, stage in enumerate(told.won_stages if told and stages is not None else ()):
            yield from self._near(
                "recipe_stage_unknown", ("attribution", "won_stages", at), stage, stages or frozenset()
            )
        if told:
            yield from self._near("recipe_amount_unknown", ("attribution", "amount"), told.amount, self.known.amounts)

    def _sources(self, at: int, recipe: Recipe) -> Found:
        for position, key in enumerate(recipe.sources):
            where = ("programs", at, "from", position)
            yield from self._near("recipe_source_unknown", where, key, frozenset(self.known.programs))

    def _name(self, at: int, recipe: Recipe, names: Counter[str]) -> Found:
        """Names are free on the target but for our own program, and no two recipes share one."""
        where, most = ("programs", at, "name"), self.known.room.name
        own = self.known.marks.get(recipe.key)
        taken = [one for one in self.known.standing if _folded(one.name) == _folded(recipe.name) and one.key != own]
        if taken or names[_folded(recipe.name)] > 1:
            yield self._finding("recipe_name_taken", where, value=recipe.name)
        if most is not None and len(recipe.name) > most:
            yield self._finding("recipe_name_long", where, value=recipe.name, limit=str(most))

    def _place(self, at: int, recipe: Recipe) -> Found:
        folders = self.known.room.folders
        yield from self._near("recipe_folder_unknown", ("programs", at, "folder"), recipe.folder, folders)
        if (recipe.starts or recipe.ends) and recipe.type not in self.known.room.dated:
            where = ("programs", at, "starts" if recipe.starts else "ends")
            yield self._finding("recipe_dates_not_taken", where, value=recipe.type)

    def _channel(self, at: int, recipe: Recipe) -> Found:
        """The channel, its types, and whether anybody can come to a step of success."""
        channel = self.known.channels.get(recipe.channel)
        if channel is None:
            channels = frozenset(self.known.channels)
            yield from self._near("recipe_channel_unknown", ("programs", at, "channel"), recipe.channel, channels)
            return
        types = frozenset(channel.program_types)
        yield from self._near("recipe_type_not_of_channel", ("programs", at, "type"), recipe.type, types)
        inside = frozenset(reachable(channel))
        for position, rule in enumerate(recipe.members):
            where = ("programs", at, "members", position, "status")
            yield from self._near("recipe_status_unknown", where, rule.status, inside)
        reached = {rule.status for rule in recipe.members}
        if channel.success_statuses and recipe.members and not reached & set(channel.success_statuses):
            success = ", ".join(channel.success_statuses)
            params = {"value": recipe.name, "success": success}
            yield Finding("recipe_without_success", Severity.WARN, self.places("programs", at, "members"), params)

    def _evidence(self, at: int, recipe: Recipe) -> Found:
        for position, rule in enumerate(recipe.members):
            what, of = rule.evidence
            known = self.known.evidence.get("email" if what in ("click", "reply") else what)
            if known is not None:
                yield from self._near("recipe_evidence_unknown", ("programs", at, "members", position, what), of, known)

    def _costs(self, at: int, recipe: Recipe) -> Found:
        """A cost that was read in one currency is not written in another."""
        read = {one.currency for key in recipe.sources if (one := self.known.programs.get(key)) and one.currency}
        other = sorted(read - {self.recipes.currency})
        if recipe.costs and (other or not self.recipes.currency):
            params = {"value": ", ".join(other) or "-", "currency": self.recipes.currency or "-"}
            yield self._finding("recipe_currency_differs", ("programs", at, "costs"), **params)
        for position, cost in enumerate(recipe.costs):
            if not self.known.room.cents and cost.amount != cost.amount.to_integral_value():
                where = ("programs", at, "costs", position)
                yield self._finding("recipe_cost_in_fractions", where, value=str(cost.amount))

    def _tags(self, at: int, recipe: Recipe) -> Found:
        tags = self.known.room.tags
        for name, value in recipe.tags.items():
            where = ("programs", at, "tags", name)
            yield from self._near("recipe_tag_unknown", where, name, frozenset(tags))
            if name in tags:
                yield from self._near("recipe_tag_unknown", where, value, frozenset(tags[name].values))
        for name, rule in tags.items():
            if recipe.type in rule.required and name not in recipe.tags:
                values = ", ".join(rule.values[:20])
                yield self._finding("recipe_tag_missing", ("programs", at), value=name, values=values)


def reachable(channel: Channel) -> dict[str, int]:
    """Statuses that somebody can be given, with their steps. The step 0 is outside of the program."""
    return {status: step for status, step in zip(channel.statuses, channel.steps, strict=True) if step > 0}


def _folded(name: str) -> str:
    return name.strip().casefold()
