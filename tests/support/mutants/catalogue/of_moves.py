"""Mistakes in what becomes of verdicts: the plan, whose record is whose, the mapping, the order of writes, late denials."""

from mutants.mutant import Mutant

CONSENT, PEOPLE, SUPPRESSED, LATE = (
    f"core/mamigrate/plan/{name}.py" for name in ("consent", "people", "suppressed", "late")
)
BEARERS, MATCHING, OURS = (f"core/mamigrate/plan/{name}.py" for name in ("bearers", "matching", "ours"))
TOPICS, APPLY = "core/mamigrate/mapping/topics.py", "core/mamigrate/stages/apply.py"
WAY, ENDING, READING, TOMBS = (
    "core/mamigrate/stages/sync/way.py",
    "core/mamigrate/stages/sync/ending.py",
    "core/mamigrate/stages/sync/reading.py",
    "core/mamigrate/stages/tombs.py",
)

PERMITTED = "core/mamigrate/stages/permitted.py"
FATES = "core/mamigrate/consent/proof/of_move/fates.py"

_PERMITS = ("tests/core/test_permits.py",)
_UNPERMITTED = "tests/end_to_end/test_unpermitted.py"
_PLAN = ("tests/core/test_plan.py",)
_LATE = ("tests/core/test_late.py",)
_MATCH = ("tests/core/test_identity.py",)
_OURS = ("tests/core/test_ours.py",)
_TOPICS = ("tests/core/test_mapping.py", "tests/core/mapping/test_topics.py")
_DENIALS = "tests/end_to_end/test_denials.py"
_ORDER = ("tests/end_to_end/test_order.py",)
_WAY = ("tests/core/stages/test_way.py",)
_VERDICT = "tests/core/consent/test_verdict.py"

MUTANTS = (
    # --- what a verdict writes -------------------------------------------------------------------------------------------
    Mutant("a denial of an unknown topic denies nothing", CONSENT, "widened += [text for text in denied if not _known(text, known, cells)]", "", _PLAN),
    Mutant("of two topics in one field the last one decides", CONSENT, "values[name] = lower if values.get(name) == lower else value", "values[name] = value", _PLAN),
    Mutant("a topic of service mail keeps a person open for marketing", CONSENT, "_open(one, closed, granted) for one in cells if one.marketing)", "_open(one, closed, granted) for one in cells)", _PLAN),
    Mutant("an opt-in field is opened without a grant", CONSENT, "if covers(granted, cell) and not cell.only_closed else {}", "if not cell.only_closed else {}", _PLAN),
    Mutant("a place that people were not told of is opened", CONSENT, "if covers(granted, cell) and not cell.only_closed else {}", "if covers(granted, cell) else {}", _PLAN),
    Mutant("a denial of everything leaves opt-in fields open", CONSENT, "if cell.key in closed or denied_wide:", "if cell.key in closed:", _PLAN),
    Mutant("leaving every brand's topic leaves none", CONSENT, 'for brand in (cell.brand, "*")', "for brand in (cell.brand,)", _PLAN),
    Mutant("a denial that the target cannot hold is dropped", CONSENT, "if cell.key in closed and cell.marketing and _no_field(cell)]", "if False]", _PLAN),
    Mutant("a brand's denial closes the topics of another", CONSENT, 'wanted = {f"{brand}|{topic}" for brand in (cell.brand, "*") for topic in (cell.key, "*")}\n    return not wanted.isdisjoint(cells)', 'return any(text.endswith(("|*", f"|{cell.key}")) for text in cells)', _PLAN),
    Mutant("a shared opt-in field opens with one yes of two", CONSENT, "open_to_all = {name: value for name, value in values.items() if name not in ungranted}", "open_to_all = dict(values)", _PLAN),
    Mutant("a yes needs no permit", PERMITTED, "if value != denying[name] and name not in held)", "if False)", _PERMITS),
    Mutant("a permit of no topic is one", PERMITTED, "for permit in change.permits if permit.cells}", "for permit in change.permits}", _PERMITS),
    Mutant("a flag may be lowered", PERMITTED, "_lowers(one, change.values[one.field]))", "False)", _PERMITS),
    Mutant("a permit is minted for topics that nobody granted", CONSENT, "given = [cell for cell in asking if covers(granted, cell) and not cell.only_closed]", "given = asking", _PERMITS),
    Mutant("writes are not held against their permits", APPLY, "        permitted.hold(self.move, self.kind, changes, self.denying)\n", "", (_UNPERMITTED,)),
    Mutant("the proof looks at grants alone, not at permits", FATES, "sent = ibis.coalesce(told.enrolled & told.permitted, False)", "sent = ibis.coalesce(told.enrolled, False)", (_UNPERMITTED,)),
    Mutant("a grant opens what stands closed on the target", PEOPLE, "send = found.send | self.lowering(permission, there)", "send = found.send | permission", _PLAN),
    Mutant("what we opened stays open when the grant is gone", PEOPLE, 'permission = permission | dict.fromkeys(judged.ungranted, "false")', "pass", _PLAN),
    Mutant("what others opened is closed with our grant", PEOPLE, 'if row["made"] in OPENED_BY_US:', 'if row["made"]:', _PLAN),
    Mutant("a record on the target is moved to the address of the source", PEOPLE, "wanted.pop(self.email_field, None)", "pass", _PLAN),
    Mutant("somebody new is made before being denied", PEOPLE, "if target_key is None:\n            wanted |= permission", "if target_key is None:", _PLAN),
    Mutant("an opt-out field is not closed where it was never set", PEOPLE, '(value == "true" or there.get(name) == "true")', 'there.get(name) == "true"', _PLAN),
    Mutant("a denied address is held without a denial where only a topic was left", SUPPRESSED, ' or frozenset({"objection"})', "", _LATE),
    Mutant("an erased address is made again, denied", SUPPRESSED, 'if "erasure" in row["wide"]:', "if False:", _PLAN),
    Mutant("of several records with a denied address one is denied", SUPPRESSED, "_deny(row, hit, values, planner, first=hit is hits[0]) for hit in hits]", "_deny(row, hit, values, planner, first=hit is hits[0]) for hit in hits[:1]]", _PLAN),
    Mutant("a record beside a person is left open for a topic", SUPPRESSED, "if judged.wide or judged.closes(planner.denying) or values != judged.values:", "if judged.wide:", (f"{_DENIALS}::test_a_topic_is_closed_on_each_of_several_records",)),
    # --- whose record is whose ---------------------------------------------------------------------------------------------
    Mutant("who was erased by id is made again", MATCHING, '(t.tomb.notnull() | t.erased, "erased_address")', '(t.tomb.notnull(), "erased_address")', (f"{_VERDICT}::test_somebody_erased_by_id_is_never_created",)),
    Mutant("an erased address is made again", MATCHING, '(t.tomb.notnull() | t.erased, "erased_address")', '(t.erased & t.tomb.isnull(), "erased_address")', (f"{_VERDICT}::test_an_erased_address_is_never_created_again",)),
    Mutant("doubtful twins are written", MATCHING, '        (t.doubtful, "doubtful_address"),\n', "", (f"{_VERDICT}::test_doubtful_twins_are_parked_and_their_denials_shared",)),
    Mutant("of two records with the address one is taken", MATCHING, '((t.hits > 1) & (t.matched_by == "address"), "several_on_target")', '((t.hits > 2) & (t.matched_by == "address"), "several_on_target")', (f"{_VERDICT}::test_several_hits_are_parked_and_never_guessed",)),
    Mutant("who was deleted on the target is made again", MATCHING, '        (gone, "gone_on_target"),\n', "", (f"{_VERDICT}::test_somebody_deleted_on_the_target_is_not_resurrected",)),
    Mutant("a record with our key is ours, whoever it is", MATCHING, '        (by_key & ~own, "key_elsewhere"),\n', "", _MATCH),
    Mutant("two people share a record of the target", MATCHING, '        (t.sharing & ~((t.rightful == 1) & t.alone_rightful), "shares_target"),\n', "", (f"{_VERDICT}::test_two_people_never_share_a_target_record",)),
    Mutant("records are looked up by the strict key", MATCHING, 'addressed.group_by("email_loose").agg(hits', 'addressed.filter(addressed.email_loose == addressed.email_strict).group_by("email_loose").agg(hits', (f"{_VERDICT}::test_several_hits_are_parked_and_never_guessed",)),
    Mutant("a twin of our record is left open", BEARERS, "alone = matched.hits.isnull() | (matched.hits <= 1)", "alone = ibis.literal(True)", (f"{_VERDICT}::test_a_twin_of_our_record_on_the_target_is_denied_with_it",)),
    Mutant("an address that our record does not carry is taken care of", BEARERS, "claimed = matched.filter(written & alone & carried)", "claimed = matched.filter(written & alone)", (f"{_VERDICT}::test_a_denied_address_that_our_record_does_not_carry_is_suppressed",)),
    Mutant("a further address of a person is left open", BEARERS, 'told = clusters.select("person_key", "winner").join(verdict.others(people), "person_key")', 'told = clusters.select("person_key", "winner").join(verdict.others(people), "person_key").limit(0)', _MATCH),
    Mutant("a grant counts on a record of another spelling", BEARERS, 'same.ifelse(joined.granted, ibis.null("array<string>"))', "joined.granted", _OURS),
    Mutant("a grant of one of two people opens their record", BEARERS, '(grouped.people == 1).ifelse(grouped.granted, ibis.null("array<string>"))', "grouped.granted", _OURS),
    Mutant("a grant stays with our record, whichever address that keeps", OURS, "ended = elsewhere & joined.made.isin(OPENED_BY_US).fill_null(False)", "ended = ibis.literal(False)", _OURS),
    Mutant("a grant at another spelling is one of the record's address", OURS, "~joined.there_strict.identical_to(joined.email_strict)", "(joined.there_strict.lower() != joined.email_strict.lower())", _OURS),
    # --- the mapping -----------------------------------------------------------------------------------------------------------
    Mutant("a topic that asks for a yes may lie in a field of noes", TOPICS, "not topic.default_allows and rule.target and", "topic.default_allows and rule.target and", _TOPICS),
    Mutant("two topics of opposite meaning may share a field", TOPICS, "(first.polarity, first.to, first.create) == (rule.polarity, rule.to, rule.create)", "(first.to, first.create) == (rule.to, rule.create)", _TOPICS),
    Mutant("a field whose name says no may mean yes", TOPICS, 'rule.polarity == "opt_in" and any(map(says_no, names))', 'rule.polarity == "opt_out" and any(map(says_no, names))', _TOPICS),
    Mutant("a topic may lie in a field that holds something else", TOPICS, "if rule.target in taken or not", "if not", _TOPICS),
    # --- the order of writes -----------------------------------------------------------------------------------------------------
    Mutant("people who are open are written before those who are denied", APPLY, "people.people_planned(denied=True), total", "people.people_planned(denied=False), total", _ORDER),
    Mutant("denied addresses are held after the people", APPLY, '    phase(SUPPRESSED).write(people.suppressions_planned(), plan.number(SUPPRESSED, *WRITTEN))\n    total = plan.number(Kind.PERSON, *WRITTEN)\n', "    total = plan.number(Kind.PERSON, *WRITTEN)\n", _ORDER),
    Mutant(
        "a batch is counted as written before it is sent",
        APPLY,
        "        outcomes = self._written(writer, changes)\n        outcomes = self._denied_at_least",
        "        self._close(batch, planned, [Outcome(one.key, Status.UPDATED, one.target_key) for one in planned])\n        outcomes = self._written(writer, changes)\n        outcomes = self._denied_at_least",
        _ORDER,
    ),
    Mutant("replies that are lost are passed over", APPLY, 'if any(outcome.status is Status.MAYBE for outcome in outcomes):\n            raise', "if False:\n            raise", _ORDER),
    Mutant("a topic is left open where the rest of its record is refused", APPLY, "if planned[at].denied or self._closes(planned[at])]", "if planned[at].denied]", (f"{_DENIALS}::test_a_topic_is_closed_though_the_rest_of_the_record_is_refused",)),
    Mutant("a denial is dropped with the record that is refused", APPLY, "if not refused:\n            return outcomes", "if refused:\n            return outcomes", (f"{_DENIALS}::test_a_denial_is_written_though_the_rest_of_the_record_is_refused",)),
    Mutant("a denial that is refused itself stops nothing", APPLY, "elif planned[at].target_key is not None:", "elif False:", (f"{_DENIALS}::test_a_denial_that_is_refused_itself_stops_with_its_record",)),
    # --- late denials ------------------------------------------------------------------------------------------------------------
    Mutant("a late denial opens other topics", CONSENT, "values = {name: value for name, value in judged.values.items() if denying.get(name, value) == value}", "values = dict(judged.values)", _LATE),
    Mutant("a complaint does not outlive its record", LATE, '"topic_opt_out", "complaint", "block"', '"topic_opt_out", "block"', _LATE),
    Mutant("a field that stands for no topic any more denies nothing", LATE, "return frozenset(kept) or frozenset({EVERYTHING})", "return frozenset(kept)", _LATE),
    Mutant("who left anything left everything", LATE, "if EVERYTHING in denied:", "if denied:", _LATE),
    Mutant("a hold is an echo of an opt-out", LATE, '    if fact["kind"] not in ("objection", "topic_opt_out"):\n        return None\n', "", _LATE),
    Mutant("what we wrote to one field is an echo of any", LATE, 'written.get((str(fact["person_key"]), field_of(fact)))', 'next((at for (key, _), at in written.items() if key == str(fact["person_key"])), None)', _LATE),
    Mutant("an opt-out of everything is an echo of one of a topic", LATE, "for one in (topic, EVERYTHING)]", 'for one in (topic, EVERYTHING, "8")]', _LATE),
    Mutant("who leaves the last open topic is open for what comes", CONSENT, "sorted(narrow | left)", "sorted(narrow)", _LATE),
    Mutant("a side that was never read may send", WAY, "age is None or not -SKEW <= age <= FRESH", "age is not None and not -SKEW <= age <= FRESH", _WAY),
    Mutant("a side with denials that wait may send", WAY, '("backlog", self.backlog > 0)', '("backlog", False)', _WAY),
    Mutant("a side of which something is unread may send", WAY, '("unread", self.unread)', '("unread", False)', _WAY),
    Mutant("the watermark passes over denials that wait", ENDING, "not (way.unread or way.backlog or way.trouble)", "not (way.unread or way.trouble)", _WAY),
    Mutant("the watermark passes over what is unread", ENDING, "not (way.unread or way.backlog or way.trouble)", "not (way.backlog or way.trouble)", _WAY),
    Mutant("a side is read again from where it was left, without overlap", READING, "return max(LEAST_OVERLAP, 2 * every) if every else LEAST_OVERLAP", "return every or LEAST_OVERLAP", _WAY),
    # --- tombstones ----------------------------------------------------------------------------------------------------------------
    Mutant("who is denied by id alone leaves no tombstone", TOMBS, "return named.union(held).distinct()", "return named.distinct()", ("tests/core/stages/test_tombs.py",)),
    Mutant("what somebody is denied later leaves no tombstone beside what is known", TOMBS, "if one not in found])", "if one in found])", ("tests/core/stages/test_tombs.py",)),
)  # fmt: skip
