"""Streams in pieces."""

from collections.abc import Iterator

from mamigrate.chunks import chunks


def test_every_item_stands_in_one_piece_and_only_the_last_is_short() -> None:
    assert list(chunks(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks(range(6), 3)) == [[0, 1, 2], [3, 4, 5]]
    assert list(chunks([], 3)) == []


def test_no_more_is_taken_than_a_piece_needs() -> None:
    taken: list[int] = []

    def source() -> Iterator[int]:
        for number in range(9):
            taken.append(number)
            yield number

    next(chunks(source(), 2))
    assert taken == [0, 1]
