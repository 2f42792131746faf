"""Mistakes in the proof: statements that miss what breaks them, unread that passes, records that can be changed."""

from mutants.mutant import Mutant

PROOF = "core/mamigrate/consent/proof"
CELLS, DENIALS, EVIDENCE, WRITES = (f"{PROOF}/{name}.py" for name in ("cells", "denials", "evidence", "writes"))
INVARIANTS, JUDGED, RECORD, EXPLAIN = (f"{PROOF}/{name}.py" for name in ("invariants", "judged", "record", "explain"))
WORDS, VERDICTS = f"{PROOF}/words.py", f"{PROOF}/of_move/verdicts.py"
PLACES, FATES, THERE = (f"{PROOF}/of_move/{name}.py" for name in ("places", "fates", "there"))

_RECORD = ("tests/core/consent/test_record.py",)
_EXPLAIN = ("tests/core/consent/test_explain.py",)
_MOVE = "tests/core/consent/test_of_move.py"
_PARTS = ("tests/core/consent/test_of_move_parts.py",)
_PROOF_OF = "tests/core/consent/test_proof.py"

MUTANTS = (
    # --- statements ------------------------------------------------------------------------------------------------------
    Mutant("a cell of which nobody says whether it was read was read", CELLS, "~true(t.cells.read) | t.cells.allowed.isnull()", "~t.cells.read | t.cells.allowed.isnull()", (f"{_PROOF_OF}::test_what_was_not_read_is_unverified_and_never_a_pass",)),
    Mutant("a verdict that is unknown allows", CELLS, "return t.verdicts.filter(true(t.verdicts.allowed))", "return t.verdicts.filter(ibis.coalesce(t.verdicts.allowed, True))", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[1]",)),
    Mutant("a cell that says nothing passes", CELLS, " | t.cells.allowed.isnull()", "", (f"{_PROOF_OF}::test_a_cell_that_says_nothing_is_unverified",)),
    Mutant("a wave that nobody signed is a reason", CELLS, '"wave": t.waves.filter(t.waves.signer.notnull())', '"wave": t.waves', (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[21]",)),
    Mutant("a grant of before the snapshot is a reason", CELLS, '(facts.polarity == "+") & (facts.lo > snapshot)', '(facts.polarity == "+") & (facts.lo > facts.lo - ibis.interval(days=1))', (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[21]",)),
    Mutant("a denial of one topic covers everybody who is allowed nowhere", CELLS, 'everything & (held.topic == "*")', "everything", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[19]",)),
    Mutant("a denial of one brand covers everybody who is allowed nowhere", CELLS, ' & (held.brand == "*")', "", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[19]",)),
    Mutant("a derivation that lacks a grant that is asked for passes", CELLS, "(silent, invented, _passed_over(t, asked, there, named), ungranted)", "(silent, invented, _passed_over(t, asked, there, named))", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[16]",)),
    Mutant("a derivation that lacks the basis that a law asks for passes", CELLS, "for rows in (*every, unfounded))", "for rows in every)", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[16]",)),
    Mutant("a basis that another law counts does", CELLS, 'bound.select(*CELL, "pack").anti_join(resting, [*CELL, "pack"])', "bound.select(*CELL).anti_join(resting, CELL)", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[16]",)),
    Mutant("a basis rule is a grant that was read", WORDS, 'return ibis.coalesce(facts.basis, "") == ""', 'return ibis.coalesce(facts.basis, "") != "nothing"', (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[2]",)),
    Mutant("a derivation may pass over a denial", CELLS, "(silent, invented, _passed_over(t, asked, there, named), ungranted)", "(silent, invented, ungranted)", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[16]",)),
    Mutant("a denial that is gone at the second reading is not missed", CELLS, "~ibis.coalesce(t.held.settled, True)", "~ibis.coalesce(t.held.settled, True) & (t.held.topic != \"*\")", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[20]",)),
    Mutant("a denial whose record was not read is lost", DENIALS, 'told = t.denials.anti_join(_not_read(t), ["population", "fact"])', "told = t.denials", (f"{_PROOF_OF}::test_a_denial_that_nobody_could_look_for_is_not_called_lost",)),
    Mutant("a denial that nobody names as lifted counts as lifted", DENIALS, 'lifted = t.lifted.filter(t.lifted.by.notnull()).rename(fact="denial")', 'lifted = t.lifted.rename(fact="denial")', (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[3]",)),
    Mutant("somebody who stands there waits on a list", DENIALS, 'absent = t.suppressed.anti_join(there, ["population", column])', "absent = t.suppressed", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[3]",)),
    Mutant("a denial seen nobody knows when is in time", DENIALS, "ibis.coalesce(done > due, True)", "ibis.coalesce(done > due, False)", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[11]",)),
    Mutant("a denial that is not in effect yet is in time", DENIALS, "done = ibis.coalesce(t.denials.effective_at, instant(asked.at))", "done = t.denials.effective_at.fill_null(t.denials.observed_at)", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[11]",)),
    Mutant("a permit of another person permits", WRITES, 'raising.anti_join(grants, ["population", "permit", "person"])', 'raising.anti_join(grants, ["population", "permit"])', (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[6]",)),
    Mutant(
        "a write without a decision passes, because NOT IN meets a null",
        WRITES,
        'left.anti_join(signed, ["population", "decision", "person"])',
        "left.filter(left.decision.notin(signed.decision))",
        (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[6]",),
    ),
    Mutant("a wave that nobody signed permits a write", WRITES, "signed = t.waves.filter(t.waves.signer.notnull())", "signed = t.waves", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[6]",)),
    Mutant("a write without a place in the order is safe", WRITES, ".union(found(nowhere, \"seq\", *_WHERE))", "", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[5]",)),
    Mutant("only the last state counts, and not each on the way", WRITES, "preceding=None, following=0", "preceding=None, following=None", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[5]",)),
    Mutant("a record that is there is open only once it was denied", WRITES, "state.filter(true(state.there) & ~true(state.shut))", "state.filter(true(state.there) & ~state.shut)", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[5]",)),
    Mutant("an asset of an unknown class is no marketing", WRITES, 'ibis.coalesce(t.assets.source_class, "MKT")', 'ibis.coalesce(t.assets.source_class, "SVC")', (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[18]",)),
    Mutant("a value of which nobody says whether it was understood was", EVIDENCE, "~true(t.readings.understood)", "~t.readings.understood", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[9]",)),
    Mutant("a fact that was not dated is not looked for in the evidence", EVIDENCE, "f.hi.identical_to(e.hi)]", "True]", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[12]",)),
    Mutant("a number that is not told is right", EVIDENCE, "same = ibis.coalesce(n.said == n.counted, False)", "same = ibis.coalesce(n.said == n.counted, True)", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[15]",)),
    Mutant("a pass over nobody knows how much that is unread stands", EVIDENCE, "ibis.coalesce(n.unread, 1) > 0", "ibis.coalesce(n.unread, 0) > 0", (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[15]",)),
    Mutant("a denial that ends later has ended", WORDS, '(facts.polarity == "-") & (facts.until.isnull() | (facts.until > instant(asked.at)))', '(facts.polarity == "-") & facts.until.isnull()', (f"{_PROOF_OF}::test_a_statement_notices_the_ways_that_break_it_and_nothing_else[4]",)),
    # --- what follows from them ----------------------------------------------------------------------------------------------
    Mutant("unread is a pass", INVARIANTS, " and not any(one.unverified for one in counts)", "", (f"{_PROOF_OF}::test_a_verdict_follows_from_counts_alone",)),
    Mutant("nothing that was looked at is a pass", INVARIANTS, "any(one.checked for one in counts) and not", "not", (f"{_PROOF_OF}::test_a_verdict_follows_from_counts_alone",)),
    Mutant("a statement with something unread passes", JUDGED, "INCOMPLETE if unverified or reason else", "INCOMPLETE if reason else", (f"{_MOVE}::test_a_statement_is_only_passed_where_everything_was_looked_at",)),
    Mutant("a proof of nothing passes", JUDGED, "if one in found), INCOMPLETE)", "if one in found), PASS)", (f"{_MOVE}::test_waiting_for_the_target_to_settle_leaves_the_rest_as_it_is",)),
    Mutant("what the second reading shows fails nothing", JUDGED, "if one.number != SETTLING or one.verdict == FAIL]", "if one.number != SETTLING]", (f"{_MOVE}::test_waiting_for_the_target_to_settle_leaves_the_rest_as_it_is",)),
    # --- records and derivations -----------------------------------------------------------------------------------------------
    Mutant("an end that was cut off is not seen", RECORD, "rows is not None and rows != chain.rows", "rows is not None and rows < chain.rows", _RECORD),
    Mutant("a file made anew is not seen", RECORD, 'return "" if head is None or head == chain.head else', 'return "" if head is None or rows else', _RECORD),
    Mutant("a hash that was changed is not seen", RECORD, "chain.line(found) == line and said == chain.head", "chain.line(found) and True", _RECORD),
    Mutant("a person is named by a plain hash", RECORD, "hmac.new(key, who.encode(), hashlib.sha256).hexdigest()", "hashlib.sha256(who.encode()).hexdigest()", _RECORD),
    Mutant("what somebody else ended, the person withdrew", RECORD, "_BY_SUBJECT if actor == SUBJECT else _BY_OTHERS", "_BY_SUBJECT", _RECORD),
    Mutant("an interest that a company claims was given", RECORD, '"implied_grant": "dpv:ConsentUnknown"', '"implied_grant": "dpv:ConsentGiven"', _RECORD),
    Mutant("a derivation is judged by what it names alone", EXPLAIN, ".allowed and judge(every.values(), cell, at, rules).allowed", ".allowed", _EXPLAIN),
    Mutant("no derivation is one", EXPLAIN, "if named is None:\n        return False", "if named is None:\n        return True", _EXPLAIN),
    Mutant("a derivation may name what is not there", EXPLAIN, "if not keys <= every.keys():\n        return False", "", _EXPLAIN),
    # --- from a move to its tables -----------------------------------------------------------------------------------------------
    Mutant("an interest that a company claims is a grant that is asked for", VERDICTS, 'ASKED_FOR = ("grant", "reconfirmed")', 'ASKED_FOR = ("grant", "reconfirmed", "implied_grant")', _PARTS),
    Mutant("a basis rule opens a topic that asks", VERDICTS, 'given = k.facts.filter((k.facts.polarity == "+") & said(k.facts))', 'given = k.facts.filter(k.facts.polarity == "+")', _PARTS),
    Mutant("a hold of a day never ends for the proof", VERDICTS, "return denials.until.isnull() | (denials.until > at)", "return denials.until.isnull() | (denials.until > denials.until - ibis.interval(days=1))", (f"{_MOVE}::test_verdicts_of_whole_populations_are_those_of_the_fold",)),
    Mutant("a grant that begins later counts for the proof", VERDICTS, "return (grants.lo.isnull() | (grants.lo <= at)) & ", "return ", _PARTS),
    Mutant("an erased person is denied marketing alone", VERDICTS, 'asset_class=wide.kind.isin(EVERY_CLASS).ifelse("*", wide.asset_class)', "asset_class=wide.asset_class", _PARTS),
    Mutant("a topic of several places is open where all are", PLACES, '"is_open": any(opens)', '"is_open": all(opens)', _PARTS),
    Mutant("a topic of several places is denied where one is", PLACES, '"held": not any(opens)', '"held": not all(opens)', _PARTS),
    Mutant("closing one place of a topic denies it", PLACES, "wrote.wide or all(_shut(wrote, place) for place in some)", "wrote.wide or any(_shut(wrote, place) for place in some)", _PARTS),
    Mutant("a denial that nobody is said to bear is told as carried out", FATES, "told = told.filter(~_of_nobody(told))", "told = told", _PARTS),
    Mutant("a record that stood there before counts as made again", THERE, 'told.before.isnull().ifelse(told.loose, ibis.null("string"))', "told.loose", _PARTS),
    Mutant("what a record denies as a whole leaves service mail open", THERE, '"topic": "*", "asset_class": "*"}', '"topic": "*", "asset_class": "MKT"}', _PARTS),
    Mutant("a record that is blocked is open", THERE, "there.is_open & ~there.blocked", "there.is_open", _PARTS),
)  # fmt: skip
