"""Mistakes in what a fact is: keys of addresses, aliases, blocking fields, files of facts, tombstones."""

from mutants.mutant import Mutant

ADDRESS, ALIAS = "core/mamigrate/consent/address.py", "core/mamigrate/consent/alias.py"
FACTS, FILES = "core/mamigrate/consent/facts.py", "core/mamigrate/consent/files.py"
CAUSE = "core/mamigrate/consent/cause.py"
TOMBSTONES, INSIDE = "core/mamigrate/consent/tombstones.py", "core/mamigrate/consent/inside.py"

_ADDRESS = ("tests/core/consent/test_address.py", "tests/core/consent/test_scenarios.py")
_ALIAS = ("tests/core/consent/test_alias.py",)
_FACTS = ("tests/core/consent/test_facts.py",)
_CAUSE = ("tests/core/consent/test_cause.py",)
_TOMBSTONES = ("tests/core/consent/test_tombstones.py",)
_INSIDE = ("tests/core/consent/test_inside.py",)

MUTANTS = (
    # --- keys of addresses -----------------------------------------------------------------------------------------------
    Mutant(
        "a capital letter hides a denial",
        ADDRESS,
        "AddressKeys(local + lowered[len(local) :], lowered, lowered, True)",
        "AddressKeys(local + lowered[len(local) :], local + lowered[len(local) :], lowered, True)",
        _ADDRESS,
    ),
    Mutant(
        "a yes of Ana@ counts for ana@",
        ADDRESS,
        "AddressKeys(local + lowered[len(local) :], lowered, lowered, True)",
        "AddressKeys(lowered, lowered, lowered, True)",
        _ADDRESS,
    ),
    Mutant(
        "letters beyond ASCII are put in small letters and not case-folded",
        ADDRESS,
        'unicodedata.normalize("NFKC", local).casefold()',
        'unicodedata.normalize("NFKC", local).lower()',
        _ADDRESS,
    ),
    Mutant(
        "full-width letters hide a denial",
        ADDRESS,
        'loose_local = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", local).casefold())',
        "loose_local = local.casefold()",
        _ADDRESS,
    ),
    Mutant(
        "what nobody sees in an address hides a denial",
        ADDRESS,
        'cleaned = _UNSEEN.sub("", text or "").strip()\n    if not cleaned:\n        return NO_ADDRESS',
        'cleaned = (text or "").strip()\n    if not cleaned:\n        return NO_ADDRESS',
        _ADDRESS,
    ),
    Mutant(
        "a denial of what is no single address is lost",
        ADDRESS,
        "return AddressKeys(None, loose, loose, False)",
        "return NO_ADDRESS",
        _ADDRESS,
    ),
    Mutant(
        "a domain in its ASCII form is another domain",
        ADDRESS,
        'folded = unicodedata.normalize("NFKC", _from_ascii(unicodedata.normalize("NFKC", domain))).casefold().rstrip(".")',
        'folded = unicodedata.normalize("NFKC", domain).casefold().rstrip(".")',
        _ADDRESS,
    ),
    Mutant(
        "grants match folded letters too",
        ADDRESS,
        'strict=f"{local}@{ascii_domain}"',
        'strict=f"{loose_local}@{ascii_domain}"',
        _ADDRESS,
    ),
    Mutant(
        "twins that only a sharp s tells apart are one without doubt",
        ADDRESS,
        'folded_local = unicodedata.normalize("NFKC", local).lower()',
        'folded_local = unicodedata.normalize("NFKC", local).casefold()',
        _ADDRESS,
    ),
    Mutant(
        "of several addresses in a cell the first is denied",
        ADDRESS,
        "return Found(tuple(addresses.values()), ",
        "return Found(tuple(addresses.values())[:1], ",
        _FACTS,
    ),
    Mutant(
        "pieces of a cell that are no address are dropped",
        ADDRESS,
        "tuple(piece for piece in pieces if not _is_plain(piece))",
        "()",
        _FACTS,
    ),
    Mutant(
        "a pattern of a whole domain passes as an address that nobody has",
        ADDRESS,
        "return found.group() if found else None",
        "return None",
        _FACTS,
    ),
    # --- aliases -----------------------------------------------------------------------------------------------------------
    Mutant(
        "a complaint at another spelling of the mailbox holds nobody",
        ALIAS,
        'WISHES = ("objection", "complaint", "erasure")',
        'WISHES = ("objection", "erasure")',
        _ALIAS,
    ),
    Mutant(
        "a bounce at another spelling holds the person",
        ALIAS,
        'WISHES = ("objection", "complaint", "erasure")',
        'WISHES = ("objection", "complaint", "erasure", "undeliverable")',
        _ALIAS,
    ),
    Mutant(
        "a denial of one topic at another spelling holds everything",
        ALIAS,
        'denials.kind.isin(WISHES) & (denials.topic == "*") & (denials.brand == "*")',
        'denials.kind.isin(WISHES) & (denials.brand == "*")',
        _ALIAS,
    ),
    Mutant(
        "what a person holds is not looked for at the person's other spellings",
        ALIAS,
        "told = told.union(held.select(*told.columns)).filter(",
        "told = told.filter(",
        _ALIAS,
    ),
    Mutant("who left one type left everything", ALIAS, "added.cells == number", "added.cells >= 1", _ALIAS),
    Mutant("who left every type left nothing", ALIAS, "added.cells == number", "added.cells > number", _ALIAS),
    Mutant("an erasure is one of marketing", CAUSE, "one.every_class >= other.every_class", "one.every_class <= other.every_class", _CAUSE),
    Mutant(
        "a text takes the place of what only the company ends",
        CAUSE,
        " and (kind not in LIFTABLE or own in LIFTABLE)",
        "",
        _CAUSE,
    ),
    Mutant("a text takes the place of what ends harder", CAUSE, "one.lift in (other.lift, Lift.NEVER)", "True", _CAUSE),
    Mutant("whoever writes of a complaint is us", CAUSE, 'words = f"^({HOLD})?{MARK}', 'words = f"({HOLD})?{MARK}', _CAUSE),
    Mutant(
        "dots count nowhere, whoever the provider is",
        ALIAS,
        "name.replace('.', '') if domain in DOTLESS else name",
        "name.replace('.', '')",
        _ALIAS,
    ),
    # --- blocking fields -----------------------------------------------------------------------------------------------------
    Mutant(
        "a flag that is neither true nor false denies nothing",
        FACTS,
        'value not in ("", "false") if blocker.when == "true" else bool(value)',
        'value == "true" if blocker.when == "true" else bool(value)',
        ("tests/core/consent/test_scenarios.py",),
    ),
    Mutant(
        "a flag that must be true and is empty counts as true",
        FACTS,
        'return value != "true"',
        'return value == "false"',
        _FACTS,
    ),
    Mutant(
        "a flag that must be true and is absent is not looked at",
        FACTS,
        '(blocker.field in values or blocker.when == "not_true") and hits',
        "blocker.field in values and hits",
        _FACTS,
    ),
    Mutant("a flag is as old as its record", FACTS, '"hi": person["updated_at"]', '"hi": person["created_at"]', _FACTS),
    Mutant(
        "a suspension is over after half a day",
        FACTS,
        "SUSPENSION = timedelta(hours=24)",
        "SUSPENSION = timedelta(hours=12)",
        _FACTS,
    ),
    Mutant(
        "a suspension still holds at the instant of its end",
        FACTS,
        "until is not None and until <= now",
        "until is not None and until < now",
        _FACTS,
    ),
    Mutant(
        "only the person bears what a field says, and not the address",
        FACTS,
        "for holder in blocker.holders:",
        "for holder in blocker.holders[:1]:",
        _FACTS,
    ),
    # --- files ---------------------------------------------------------------------------------------------------------------
    Mutant(
        "an opt-out of a list ends with the day that stands beside it",
        FILES,
        '"hi": None,',
        '"hi": _when(row["when"], row.where, problems),',
        _FACTS,
    ),
    Mutant(
        "a day begins at midnight in London",
        FILES,
        "replace(tzinfo=UTC) - timedelta(hours=14)",
        "replace(tzinfo=UTC)",
        _FACTS,
    ),
    Mutant(
        "a doubtful row of a topic denies the topic alone",
        FILES,
        'return (word, topic) if clear else ("objection", "*")',
        "return word, topic",
        _FACTS,
    ),
    Mutant(
        "a subscription type that nobody knows is denied to nobody",
        FILES,
        'rows[at] = row | {"kind": "objection", "topic": "*"}',
        "rows[at] = row",
        _FACTS,
    ),
    Mutant(
        "a row that names nobody is no denial",
        FILES,
        '([row["address"]] if row["address"] or not person else [])',
        '([row["address"]] if row["address"] else [])',
        _FACTS,
    ),
    Mutant(
        "addresses in other columns are not denied",
        FILES,
        "addresses = [*found.addresses, *beside.addresses]",
        "addresses = [*found.addresses]",
        _FACTS,
    ),
    # --- tombstones, texts -----------------------------------------------------------------------------------------------------
    Mutant(
        "a later tombstone takes the place of what is known",
        TOMBSTONES,
        "found.get(one, frozenset()) | {kind}",
        "frozenset({kind})",
        _TOMBSTONES,
    ),
    Mutant(
        "an address that is typed in capitals is not known again",
        TOMBSTONES,
        "loose = address.loose(text)",
        "loose = text",
        _TOMBSTONES,
    ),
    Mutant(
        "marks are made without the key",
        TOMBSTONES,
        "hmac.digest(key, loose",
        'hmac.digest(b"mamigrate", loose',
        _TOMBSTONES,
    ),
    Mutant(
        "an address inside a text keeps the key of the text",
        INSIDE,
        '"address_loose": known.loose}',
        '"address_loose": row["address_loose"]}',
        _INSIDE,
    ),
    Mutant(
        "a grant of a text is a grant of the address inside it",
        INSIDE,
        'held = (facts.polarity == "-") & (facts.holder == "address")',
        'held = facts.holder == "address"',
        _INSIDE,
    ),
)  # fmt: skip
