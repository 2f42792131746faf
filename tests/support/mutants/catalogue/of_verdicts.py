"""Mistakes in what facts come to, for one cell: kinds, scopes, the lattice, the fold, packs of law."""

from mutants.mutant import Mutant

FOLD, KINDS = "core/mamigrate/consent/fold.py", "core/mamigrate/consent/kinds.py"
LATTICE, SCOPE = "core/mamigrate/consent/lattice.py", "core/mamigrate/consent/scope.py"
PERMIT, PACK, CHOICE = (f"core/mamigrate/consent/regimes/{name}.py" for name in ("permit", "pack", "choice"))

_FOLD = (
    "tests/core/consent/test_scope.py",
    *(
        f"tests/core/consent/test_fold.py::test_{name}"
        for name in (
            "a_proven_later_return_by_the_person_lifts_on_its_topic_only",
            "nothing_less_lifts",
            "a_denial_without_a_certain_end_or_of_another_spelling_is_not_lifted",
            "which_kinds_a_return_lifts",
            "which_kinds_an_operator_releases",
            "a_hold_ends_with_its_time",
            "denials_spread_one_hop_and_grants_not_at_all",
            "a_pending_double_opt_in_is_no_grant",
            "every_kind_of_denial_denies",
            "some_denials_are_of_every_class_of_mail",
            "only_a_double_opt_in_confirms",
            "of_several_denials_the_hardest_way_up_is_told",
        )
    ),
)
_SCOPE = ("tests/core/consent/test_scope.py",)
_SPAM = (
    "tests/core/consent/test_scenarios.py::test_51_a_complaint_outlasts_a_form_and_ends_by_a_double_opt_in_and_an_operator_together",
)
_REGIMES = ("tests/core/consent/test_regimes.py",)

_COVERS = "if grant.lo is None or denial.hi is None or grant.lo <= denial.hi:"
_SAME = "(denial.strict is not None and grant.strict == denial.strict)"
_LOOSE = "fact.loose is not None and fact.loose == cell.loose"

MUTANTS = (
    # --- the only way up -------------------------------------------------------------------------------------------------
    Mutant(
        "a return at the very instant of the opt-out ends it",
        FOLD, _COVERS, "if grant.lo is None or denial.hi is None or grant.lo < denial.hi:", _FOLD,
    ),
    Mutant(
        "an opt-out without a date is older than any return",
        FOLD, _COVERS, "if grant.lo is None or (denial.hi is not None and grant.lo <= denial.hi):", _FOLD,
    ),
    Mutant(
        "a return without a date ends an opt-out",
        FOLD, _COVERS, "if denial.hi is None or (grant.lo is not None and grant.lo <= denial.hi):", _FOLD,
    ),
    Mutant("what staff enters is a return", FOLD, 'grant.actor == "subject" and ', "", _FOLD),
    Mutant(
        "an opt-out of an unknown spelling is ended at any",
        FOLD, _SAME, "(denial.strict is None or grant.strict == denial.strict)", _FOLD,
    ),
    Mutant("a return at any spelling ends the opt-out of one", FOLD, _SAME, "denial.strict is not None", _FOLD),
    Mutant(
        "an operator ends what only the person may end",
        FOLD, " and _may_release(denial, grants)", "", _FOLD,
    ),
    Mutant("an operator alone ends a complaint", FOLD, "return any(grant.proof >= CONFIRMED_PROOF and _returns(grant, denial) for grant in grants)", "return True", _SPAM),
    Mutant("a form and an operator end a complaint", FOLD, "any(grant.proof >= CONFIRMED_PROOF and _returns(", "any(_returns(", _SPAM),
    Mutant("a bare flag is a consent to the law", PERMIT, "fact.proof < pack.proof(level(fact), needed)", "False", _REGIMES),
    Mutant("a hold still holds at the instant of its end", FOLD, "denial.until <= at", "denial.until < at", _FOLD),
    Mutant("a bare flag is proof enough for a return", KINDS, "LIFTING_PROOF = 2", "LIFTING_PROOF = 1", _FOLD),
    Mutant("a form with a notice is a double opt-in", KINDS, "CONFIRMED_PROOF = 4", "CONFIRMED_PROOF = 3", _FOLD),
    Mutant(
        "a form ends a complaint",
        KINDS, '"complaint": KindRule("-", Lift.NEVER)', '"complaint": KindRule("-", Lift.SUBJECT)', _FOLD,
    ),
    Mutant(
        "the person ends a hold of the source",
        KINDS, '"source_hold": KindRule("-", Lift.OPERATOR)', '"source_hold": KindRule("-", Lift.SUBJECT)', _FOLD,
    ),
    Mutant(
        "an operator releases somebody who was erased",
        KINDS, '"erasure": KindRule("-", Lift.NEVER', '"erasure": KindRule("-", Lift.OPERATOR', _FOLD,
    ),
    Mutant(
        "what could not be read denies nothing",
        KINDS, '"unparsed": KindRule("-", Lift.OPERATOR)', '"unparsed": KindRule("0")', _FOLD,
    ),
    Mutant(
        "an interest that a company claims ends an opt-out",
        KINDS, 'LIFTING = frozenset({"grant", "reconfirmed"})', 'LIFTING = frozenset({"grant", "reconfirmed", "implied_grant"})', _FOLD,
    ),
    Mutant("a yes to mail ends a no to advertising", KINDS, ' and name != "ads_objection"', "", _FOLD),
    Mutant(
        "mail that a contract needs reaches who was erased",
        KINDS, '"erasure": KindRule("-", Lift.NEVER, every_class=True)', '"erasure": KindRule("-", Lift.NEVER)', _FOLD,
    ),
    Mutant(
        "service mail goes to an address that takes none",
        KINDS, "Lift.OPERATOR, every_class=True, kills=True", "Lift.OPERATOR, kills=True", _FOLD,
    ),
    # --- whom a fact reaches ---------------------------------------------------------------------------------------------
    Mutant("denials match byte by byte", FOLD, _LOOSE, "fact.strict is not None and fact.strict == cell.strict", _FOLD),
    Mutant("a denial of no address denies everybody without one", FOLD, _LOOSE, "fact.loose == cell.loose", _FOLD),
    Mutant(
        "grants match loosely",
        FOLD, "fact.strict is not None and fact.strict == cell.strict", "fact.loose is not None and fact.loose == cell.loose", _FOLD,
    ),
    Mutant(
        "a grant is everybody's who has the address",
        FOLD, "return fact.person in cell.persons and fact.strict is not None", "return fact.strict is not None", _FOLD,
    ),
    Mutant(
        "a denial of an address follows the person to all addresses",
        FOLD, 'fact.holder == "person" and fact.person in cell.persons', "fact.person in cell.persons", _FOLD,
    ),
    Mutant(
        "a grant that begins tomorrow counts today",
        FOLD, "(grant.lo is None or grant.lo <= at) and (grant.until", "(grant.until", _FOLD,
    ),
    Mutant("a grant counts at the instant of its end", FOLD, "grant.until > at", "grant.until >= at", _FOLD),
    Mutant(
        "a denial of an unknown class of mail is one of none",
        FOLD, "CLASSES.get(fact.scope.asset_class, CLASSES[ALL])", "CLASSES.get(fact.scope.asset_class, frozenset())", _SCOPE,
    ),
    # --- scopes ------------------------------------------------------------------------------------------------------------
    Mutant(
        "leaving a topic leaves everything above it",
        SCOPE, "wide.topic in _upwards(narrow.topic, self.topics)", "narrow.topic in _upwards(wide.topic, self.topics)", _SCOPE,
    ),
    Mutant(
        "leaving a brand leaves the company",
        SCOPE, "wide.brand in _upwards(narrow.brand, self.brands)", "narrow.brand in _upwards(wide.brand, self.brands)", _SCOPE,
    ),
    Mutant(
        "leaving every channel leaves mail open",
        SCOPE, "wide.channel in (ALL, narrow.channel)", "wide.channel == narrow.channel", _SCOPE,
    ),
    Mutant(
        "a yes to marketing is one to sales mail",
        SCOPE, "return wide.asset_class in (ALL, narrow.asset_class) and self.covers(wide, narrow)", "return self.covers(wide, narrow)", _SCOPE,
    ),
    Mutant(
        "leaving marketing leaves sales mail open",
        SCOPE, '"MKT": frozenset({"MKT", "SLS"})', '"MKT": frozenset({"MKT"})', _SCOPE,
    ),
    Mutant(
        "an unknown class of mail covers nothing",
        SCOPE, "CLASSES.get(wide, CLASSES[ALL])", "CLASSES.get(wide, frozenset())", _SCOPE,
    ),
    Mutant("what has no parent hangs nowhere", SCOPE, "        name = parents.get(name, ALL)\n    yield ALL", "        name = parents.get(name, ALL)", _SCOPE),
    # --- the lattice ---------------------------------------------------------------------------------------------------------
    Mutant("a grant permits at the instant of its end", LATTICE, "permission.until > at", "permission.until >= at", _FOLD),
    Mutant("of two denials the easier way up is told", LATTICE, "max(self.lift, other.lift", "min(self.lift, other.lift", _FOLD),
    Mutant("where nothing is delivered mail may go", LATTICE, "return permission.deliverable and ", "return ", _SCOPE),
    Mutant("whatever the topic asks for, no grant is needed", LATTICE, "need is Grant.NONE or", "True or", _FOLD),
    # --- packs of law ----------------------------------------------------------------------------------------------------------
    Mutant("a term ends a moment late", PERMIT, "at < months_after(", "at <= months_after(", _REGIMES),
    Mutant("what has a term and no date never ends", PERMIT, "(fact.lo is not None and at <", "(fact.lo is None or at <", _REGIMES),
    Mutant("a term is a month longer", PERMIT, "divmod(moment.month - 1 + months, 12)", "divmod(moment.month + months, 12)", _REGIMES),
    Mutant("a term runs from the latest date of the event", PERMIT, "months_after(fact.lo, months)", "months_after(fact.hi or fact.lo, months)", _REGIMES),
    Mutant("a basis that a law does not know counts", PERMIT, "except KeyError:\n        return False", "except KeyError:\n        return True", _REGIMES),
    Mutant("a pack opens what the source closed", PERMIT, "return self.judgement.allowed and not self.against", "return not self.against", _REGIMES),
    Mutant(
        "a pack asks for less than the topic does",
        PERMIT, "need=max(rules.need, pack.least(needed), key=ORDER.index)", "need=pack.least(needed)", _REGIMES,
    ),
    Mutant("quiet hours are for nobody", PERMIT, " and not _at_rest(pack, counted, cell, at, stricter)", "", _REGIMES),
    Mutant("any consent speaks of the night", PERMIT, ' or fact.basis == pack.quiet.unless]', "]", _REGIMES),
    Mutant("quiet hours begin a moment late", PACK, "there >= self.begins or", "there > self.begins or", _REGIMES),
    Mutant("quiet hours end a moment late", PACK, "or there < self.ends", "or there <= self.ends", _REGIMES),
    Mutant("the longer of two terms counts", PACK, "return min((months for months in", "return max((months for months in", _REGIMES),
    Mutant("a channel that a pack does not name needs nothing", PACK, 'self.need.get("*", Grant.NONE)', "Grant.NONE", _REGIMES),
    Mutant("sales mail is no marketing to the law", PACK, 'MARKETING = frozenset({"MKT", "SLS"})', 'MARKETING = frozenset({"MKT"})', _REGIMES),
    Mutant("of several packs of a country one binds", CHOICE, "return bound or ((self.default,)", "return bound[:1] or ((self.default,)", _REGIMES),
    Mutant("an unknown country has no law", CHOICE, "return bound or ((self.default,) if self.default else ())", "return bound", _REGIMES),
    Mutant("a country in full-width letters is unknown", CHOICE, 'unicodedata.normalize("NFKC", country).casefold()', "country.casefold()", _REGIMES),
)  # fmt: skip
