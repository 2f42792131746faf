"""Mistakes in what is read from the target: flags, topics that its records close, what of it an earlier run wrote."""

from mutants.mutant import Mutant

STANDING, BEARERS = "core/mamigrate/consent/standing.py", "core/mamigrate/plan/bearers.py"
DERIVED = "core/mamigrate/consent/proof/derived.py"

_STANDING, _DERIVED = ("tests/core/consent/test_standing.py",), ("tests/core/consent/test_derived.py",)

MUTANTS = (
    Mutant("what an address holds alone goes along with a person", STANDING, 'flags.filter(flags.holder == "person")', 'flags.filter(flags.holder != "")', _STANDING),
    Mutant("a flag that a text of ours explains is the target's own", STANDING, "if cause:\n", "if not cause:\n", _STANDING),
    Mutant("a suspension without a time is over", STANDING, "> now).fill_null(True)", "> now).fill_null(False)", _STANDING),
    Mutant("one field of several closes a topic", STANDING, "every.filter(every.n == every.places)", "every.filter(every.n >= 1)", _STANDING),
    Mutant("any record says what the source says", STANDING, 'mine = linked.semi_join(known, "target_key").join', "mine = linked.join", _STANDING),
    Mutant("what closes a brand is no echo of its topics", STANDING, '        refused.brand + "|*",\n', "", _STANDING),
    Mutant("what a person is denied is no echo of a topic", STANDING, "        ibis.literal(ANYTHING),\n", "", _STANDING),
    Mutant("another record of the same address says nothing here", STANDING, "by_person.select(*names).union(by_address.select(*names), distinct=True)", "by_person.select(*names)", _STANDING),
    Mutant("what an address holds is said of whoever has it", STANDING, 'told.filter((told.holder == "address") & told.address_loose.notnull())', "told.filter(told.address_loose.notnull())", _STANDING),
    Mutant("what a person's other records say takes the place of the own", STANDING, "every = ibis.coalesce(joined[column], none).concat(ibis.coalesce(joined.more, none)).sort()", "every = ibis.coalesce(joined.more, joined[column], none).sort()", (*_STANDING, "tests/core/test_ours.py")),
    Mutant("a grant at the own address opens a denied older one", BEARERS, 'granted = here.ifelse(said.granted, ibis.null("array<string>"))', "granted = said.granted", ("tests/core/test_identity.py",)),
    Mutant("a return at the own address opens a denied older one", BEARERS, "here.ifelse(said[name], texts)", "said[name]", ("tests/core/test_identity.py",)),
    Mutant("a fact of nobody there carries a line", DERIVED, "    if missing:\n", "    if not named:\n", _DERIVED),
    Mutant("a denial that a line does not name holds no more", DERIVED, '(near, "all facts")', '(some, "all facts")', _DERIVED),
    Mutant("a grant in the future is a basis", DERIVED, "(one.lo is None or one.lo <= at) and ", "", _DERIVED),
    Mutant("a grant that is over is a basis", DERIVED, "(one.until is None or one.until > at)", "(one.until is None or one.until >= at)", _DERIVED),
    Mutant("a grant without proof is a basis", DERIVED, "counts(pack, one, at, needed) and ", "", _DERIVED),
)  # fmt: skip
