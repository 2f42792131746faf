"""What a rollback leaves as it is, in sentences for the console and the page. Pure."""

from collections.abc import Iterable, Iterator

from mamigrate.reports.phrases import Phrase, Phrasebook


def stays(told: Iterable[tuple[str, str, int, str]], book: Phrasebook) -> Iterator[tuple[int, Phrase]]:
    """(objects, why they stay) of (code, kind, objects, the adapter's reason)."""
    for code, kind, number, reason in told:
        why = book.word("stays", kind) if book.knows("stays", kind) else reason
        yield number, book.say(f"stay_{code}", kind=book.word("kind", kind), reason=why)
