"""Mistakes in the same over a whole population: clusters, verdicts, returns, mirrors, packs of law."""

from mutants.mutant import Mutant

CLUSTER, VERDICT = "core/mamigrate/consent/cluster.py", "core/mamigrate/consent/verdict.py"
LIFTING, MIRRORS = "core/mamigrate/consent/lifting.py", "core/mamigrate/consent/mirrors.py"
POPULATION, BASIS = (f"core/mamigrate/consent/regimes/{name}.py" for name in ("population", "basis"))
TOLD = "core/mamigrate/consent/told.py"

_LIFTING = (
    "tests/core/consent/test_lifting.py",
    "tests/core/consent/test_verdict.py::test_a_return_counts_at_the_spelling_that_is_written_only",
)
_MIRRORS = ("tests/core/consent/test_mirrors.py",)
_PACKS = ("tests/core/consent/test_regimes_population.py",)
_TOLD = ("tests/core/consent/test_told.py",)
_VERDICT = "tests/core/consent/test_verdict.py"

MUTANTS = (
    # --- who is one person -------------------------------------------------------------------------------------------------
    Mutant("doubtful twins are merged", CLUSTER, "(joined.forms > 1)", "(joined.forms > 2)", (f"{_VERDICT}::test_doubtful_twins_are_parked_and_their_denials_shared",)),
    Mutant("records that the source archived are people", CLUSTER, "living = people.filter(~people.archived)", "living = people", (f"{_VERDICT}::test_archived_people_are_nobody_but_their_addresses_stay_denied",)),
    Mutant(
        "records are one person by the strict key",
        CLUSTER, "group = ibis.coalesce(living.email_loose,", "group = ibis.coalesce(living.email_strict,", (f"{_VERDICT}::test_people_with_one_loose_address_become_the_one_modified_last",),
    ),
    Mutant("people without an address are one person", CLUSTER, 'ibis.literal("\\x00") + living.key', 'ibis.literal("\\x00")', (f"{_VERDICT}::test_people_without_an_address_are_as_many_people",)),
    # --- what denies a person ----------------------------------------------------------------------------------------------
    Mutant(
        "a denial without an end does not hold",
        VERDICT, "running = facts.until.isnull() | (facts.until > now)", "running = facts.until > now", (f"{_VERDICT}::test_a_time_hold_ends_and_one_without_an_end_lasts",),
    ),
    Mutant(
        "a denial of every channel leaves mail open",
        VERDICT, '(facts.polarity == "-") & running & facts.channel.isin(("email", "*"))', '(facts.polarity == "-") & running & (facts.channel == "email")', (f"{_VERDICT}::test_a_denial_of_every_channel_is_one_of_mail_and_one_of_another_is_none",),
    ),
    Mutant(
        "a denial of text messages closes mail",
        VERDICT, '(facts.polarity == "-") & running & facts.channel.isin(("email", "*"))', '(facts.polarity == "-") & running', (f"{_VERDICT}::test_a_denial_of_every_channel_is_one_of_mail_and_one_of_another_is_none",),
    ),
    Mutant(
        "a record that was merged twice over is not found again",
        VERDICT, "for _ in range(3):", "for _ in range(0):", (f"{_VERDICT}::test_a_record_that_was_merged_again_and_again_reaches_whoever_carries_it_on",),
    ),
    Mutant("a further address in capitals is another one", VERDICT, 'told["at"].strip().lower()', 'told["at"].strip()', ("tests/core/test_identity.py::test_records_at_a_further_address_are_closed_with_the_person",)),
    Mutant(
        "what a merged record held is forgotten",
        VERDICT, 'person_held.join(absorbed, "person_key").select(*HELD, person_key="known")', 'person_held.select(*HELD, known="person_key").select(*HELD, person_key="known")', (f"{_VERDICT}::test_a_fact_of_a_merged_or_archived_record_reaches_whoever_carries_it_on",),
    ),
    Mutant(
        "what a person holds stays with the record, and not with its addresses",
        VERDICT, "by_address = by_address.union(covering).distinct()", "by_address = by_address.distinct()", (f"{_VERDICT}::test_a_fact_of_a_merged_or_archived_record_reaches_whoever_carries_it_on",),
    ),
    Mutant(
        "members of lists that are left out are mailed",
        VERDICT, 'clusters.join(per_person.union(held), "person_key")', 'clusters.join(per_person, "person_key")', (f"{_VERDICT}::test_members_of_exclusion_lists_are_held",),
    ),
    Mutant("leaving one brand leaves all", VERDICT, ' & (facts.brand == "*")\n    wide =', "\n    wide =", (f"{_VERDICT}::test_a_topic_opt_out_stays_a_topic_and_a_brand_wide_one_stays_in_its_brand",)),
    Mutant("leaving one topic leaves all", VERDICT, 'facts.kind.isin(WIDE) & (facts.topic == "*") & ', "facts.kind.isin(WIDE) & ", (f"{_VERDICT}::test_a_denial_of_everything_is_one_and_of_a_topic_is_one_of_that_topic",)),
    Mutant("what could not be read is no denial of everything", VERDICT, '    "unparsed",\n', "", (f"{_VERDICT}::test_a_denial_of_everything_is_one_and_of_a_topic_is_one_of_that_topic",)),
    # --- what a person granted ---------------------------------------------------------------------------------------------
    Mutant("a yes of one merged record is one of all", VERDICT, "lambda t: t.holders == t.members", "lambda t: t.holders >= 1", (f"{_VERDICT}::test_a_grant_counts_only_where_every_merged_record_holds_it",)),
    Mutant(
        "a yes at a former address counts at the present one",
        VERDICT, 'grants.join(own, ["person_key", "address_strict"])', 'grants.join(own, "person_key")', (f"{_VERDICT}::test_a_grant_counts_only_where_every_merged_record_holds_it",),
    ),
    Mutant(
        "an interest that a company claims opens a topic",
        VERDICT, 'facts.kind.isin(("grant", "reconfirmed"))', 'facts.kind.isin(("grant", "reconfirmed", "implied_grant"))', (f"{_VERDICT}::test_a_grant_counts_while_it_runs_and_for_mail",),
    ),
    Mutant("a yes that begins tomorrow opens a topic today", VERDICT, "begun = facts.lo.isnull() | (facts.lo <= now)", "begun = ibis.literal(True)", (f"{_VERDICT}::test_a_grant_counts_while_it_runs_and_for_mail",)),
    Mutant("a yes that has ended opens a topic", VERDICT, "(facts.until > now)) & facts.channel", "facts.until.notnull()) & facts.channel", (f"{_VERDICT}::test_a_grant_counts_while_it_runs_and_for_mail",)),
    # --- returns -------------------------------------------------------------------------------------------------------------
    Mutant("a return on the day of the opt-out ends it", LIFTING, "lambda t: t.lo > t.hi", "lambda t: t.lo >= t.hi", _LIFTING),
    Mutant(
        "an opt-out that may be later counts as old as its earliest date",
        LIFTING,
        "liftable = denials.filter(denials.kind.isin(sorted(LIFTABLE)) & denials.hi.notnull())",
        "liftable = denials.filter(denials.kind.isin(sorted(LIFTABLE))).mutate(hi=lambda t: ibis.coalesce(t.hi, t.lo))",
        _LIFTING,
    ),
    Mutant("a bare flag brings somebody back", LIFTING, "facts.proof >= LIFTING_PROOF", "facts.proof >= 1", _LIFTING),
    Mutant("an import brings somebody back", LIFTING, '(facts.actor == "subject") & ', "", _LIFTING),
    Mutant("a return at another address ends the opt-out of this one", LIFTING, '.join(at, ["winner", "strict"])', '.join(at, "winner")', _LIFTING),
    Mutant(
        "a return to one topic ends an opt-out of all",
        LIFTING, 'left = parts.anti_join(lifted, ["winner", "fact", "cell"])', 'left = parts.anti_join(lifted, ["winner", "fact"])', _LIFTING,
    ),
    Mutant("a return that is over brings somebody back", LIFTING, "(facts.until.isnull() | (facts.until > now))", "facts.lo.notnull()", _LIFTING),
    Mutant("a return in the future brings somebody back", LIFTING, "running = (facts.lo <= now) & ", "running = ", _LIFTING),
    Mutant("a grant of any scope permits", LIFTING, "permitting = reach.filter(reach.permits)", "permitting = reach", _LIFTING),
    # --- what repeats a state --------------------------------------------------------------------------------------------------
    Mutant("a state without an instant explains a flag", MIRRORS, "exact=exact.all()", "exact=exact.any()", _MIRRORS),
    Mutant("states that contradict each other explain a flag", MIRRORS, "told.exact & (told.state == told.other)", "told.exact", _MIRRORS),
    Mutant("a flag that nobody can read is explained", MIRRORS, 'flags = flags.filter(flags.raw == "true")', "flags = flags", _MIRRORS),
    Mutant(
        "what another person holds explains a flag",
        MIRRORS, '"holder", "address_loose", "held_by")', '"holder", "address_loose")', _MIRRORS,
    ),
    Mutant("the earliest state counts", MIRRORS, "since=states.hi.max()", "since=states.hi.min()", _MIRRORS),
    Mutant(
        "a change is of one brand although all were left",
        MIRRORS, 'narrow = _exact(states).anti_join(whole, "address_loose")', "narrow = _exact(states)", _MIRRORS,
    ),
    # --- packs of law ------------------------------------------------------------------------------------------------------------
    Mutant("a term without a date never ends", POPULATION, "> now).fill_null(False)", "> now).fill_null(True)", _PACKS),
    Mutant("a term of a population ends a moment late", POPULATION, "ibis.interval(months=months) > now", "ibis.interval(months=months) >= now", _PACKS),
    Mutant("consent under one law counts under another", POPULATION, 'nothing = bound.anti_join(some, ["winner", "pack"])', 'nothing = bound.anti_join(some, "winner")', _PACKS),
    Mutant("any basis counts", POPULATION, "known |= soft & (grants.basis == basis) &", "known |= soft &", _PACKS),
    Mutant("a bare yes does where a double opt-in is asked for", POPULATION, "pack.proof(kind, pack.needs(*MAIL))", "pack.proof(kind, Grant.EXPRESS)", _PACKS),
    Mutant("a return that a pack does not count ends a denial for it", POPULATION, 'return _denied(ended.anti_join(proven, ["winner", "pack", "fact", "cell"]))', "return _denied(ended.limit(0))", _PACKS),
    Mutant("the law of one record of a person binds for that record alone", POPULATION, 'clusters.join(own, "person_key").join(packs, "country")', 'clusters.filter(clusters.person_key == clusters.winner).join(own, "person_key").join(packs, "country")', _PACKS),
    Mutant("a consent at another address of the person counts", POPULATION, 'near.join(lifting.winners(people, clusters), ["winner", "strict"])', 'near.join(lifting.winners(people, clusters), "winner")', _PACKS),
    Mutant("the day of an event begins at midnight in London", BASIS, "moment - ibis.interval(hours=14)", "moment", _PACKS),
    Mutant("a basis rule with values takes any value", BASIS, 'if rule.values else text != ""', 'if False else text != ""', _PACKS),
    # --- what one person is told -------------------------------------------------------------------------------------------------
    Mutant("a denial that ends now still counts", TOLD, 'fact["until"] <= known.now', 'fact["until"] < known.now', _TOLD),
    Mutant("a denial of mail and more is one of another channel", TOLD, 'MAIL = ("email", "*")', 'MAIL = ("email",)', _TOLD),
    Mutant("a denial that ended somewhere ended everywhere", TOLD, 'PARTLY_LIFTED if fact["key"] in known.left else LIFTED', "LIFTED", _TOLD),
)  # fmt: skip
