"""One move as many small ones that share nobody: no person, address or record of the target stands in two of them.

What a statement compares always names the same person, address, record or fact on both sides. Rows that name any of these
in common, however many steps apart, come into one piece; so a piece is judged as if it were all that there is, and what is
true of every piece is true of the whole. Pieces that were cut too large cost memory, never truth.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir

from mamigrate.consent.proof.of_move.fill import Engine, Keep
from mamigrate.consent.proof.of_move.moved import Moved

PERSON, ADDRESS, RECORD, FACT = "p/", "a/", "r/", "f/"
"""What is joined, each as a number: two of the same number come into one piece, and that is all that it is for."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """``number`` pieces of ``moved``, whose tables have a column ``piece`` more."""

    moved: Moved
    number: int

    def __call__(self, at: int, engine: Engine) -> Moved:
        """The move of one piece, kept. What is no table of rows of people is the same in each."""
        parts = {name: self._part(getattr(self.moved, name), at) for name in _WHERE}
        return replace(self.moved, **{name: engine.keep(rows) for name, rows in parts.items()})

    def _part(self, rows: ir.Table, at: int) -> ir.Table:
        return rows.filter(rows.piece == at).drop("piece")


def cut(m: Moved, number: int, engine: Engine, stream: Keep) -> Pieces:
    """Number the rows of a move by their pieces, of which there are ``number``, about equally large.

    ``stream`` runs an expression and keeps its rows, as ``Engine.keep`` does, however wide they are.
    """
    m = replace(m, **{name: getattr(m, name).select(*columns) for name, columns in _READ.items()})
    roots = _roots(engine.keep(_both(edges(m))), engine)
    told = {name: stream(_numbered(getattr(m, name), nodes, roots, number)) for name, nodes in _WHERE.items()}
    return Pieces(replace(m, **told), number)


_READ = {
    "people": ("key", "email_loose", "archived", "merged_keys"),
    "clusters": ("person_key", "winner"),
    "matched": ("key", "email_strict", "email_loose", "target_key", "made", "granted"),
    "standing": ("key", "email_strict", "values"),
}
"""What the proof reads of tables that hold much more."""


def node(kind: str, name: ir.StringValue) -> ir.IntegerValue:
    return name.notnull().ifelse((ibis.literal(kind) + name).hash(), ibis.null("int64"))


_WHERE: dict[str, dict[str, str]] = {
    "facts": {"person_key": PERSON, "address_loose": ADDRESS, "key": FACT},
    "people": {"key": PERSON},
    "clusters": {"person_key": PERSON},
    "matched": {"key": PERSON},
    "holds": {"person_key": PERSON},
    "aliases": {"person_key": PERSON},
    "lawless": {"winner": PERSON},
    "made": {"person_key": PERSON},
    "bound": {"winner": PERSON},
    "based": {"winner": PERSON},
    "lifted": {"winner": PERSON},
    "refused": {"target_key": RECORD},
    "linked": {"target_key": RECORD},
    "bearing": {"winner": PERSON},
    "standing": {"key": RECORD},
    "read_back": {"key": PERSON},
    "journal": {"key": PERSON},
}
"""Tables of rows of people, and what each row goes with: the first of these columns that it has a text in."""


def edges(m: Moved) -> ir.Table:
    """(one, other): what a row names together."""
    links = [
        _link(m.clusters, (PERSON, "person_key"), (PERSON, "winner")),
        _link(m.people.select("key", gone=m.people.merged_keys.unnest()), (PERSON, "key"), (PERSON, "gone")),
        _link(m.people.filter(m.people.archived), (PERSON, "key"), (ADDRESS, "email_loose")),
        _link(m.matched, (PERSON, "key"), (ADDRESS, "email_loose")),
        _link(m.matched, (PERSON, "key"), (RECORD, "target_key")),
        _link(m.bearing, (PERSON, "winner"), (RECORD, "target_key")),
        _link(m.linked, (PERSON, "winner"), (RECORD, "target_key")),
        _link(m.refused, (RECORD, "target_key"), (ADDRESS, "address_loose")),
        _link(m.read_back, (PERSON, "key"), (RECORD, "target_key")),
        _link(m.read_back, (PERSON, "key"), (ADDRESS, "address")),
        _link(m.read_back, (PERSON, "key"), (ADDRESS, "loose")),
        _link(m.facts, (PERSON, "person_key"), (ADDRESS, "address_loose")),
        *_of_facts(m),
    ]
    return ibis.union(*links, distinct=True)


def _link(rows: ir.Table, one: tuple[str, str], other: tuple[str, str]) -> ir.Table:
    (kind, name), (kind_there, name_there) = one, other
    pairs = rows.select(one=node(kind, rows[name]), other=node(kind_there, rows[name_there]))
    return pairs.filter(pairs.one.notnull() & pairs.other.notnull() & (pairs.one != pairs.other))


def _of_facts(m: Moved) -> Iterator[ir.Table]:
    """Facts of one key stay together, and with whoever is said to be freed from them by another."""
    known = m.facts.select("key", fact=node(FACT, m.facts.key), own=_home(m.facts, _WHERE["facts"]))
    counted = known.group_by("fact").agg(first=known.own.min(), last=known.own.max())
    spread = counted.filter(counted.first != counted.last)
    yield known.semi_join(spread, "fact").select(one="fact", other="own")
    for name in ("fact", "grant"):
        ended = m.lifted.select("winner", key=name).join(known, "key")
        yield ended.select(one=node(PERSON, ended.winner), other="own")


def _home(rows: ir.Table, nodes: dict[str, str]) -> ir.IntegerValue:
    return ibis.coalesce(*(node(kind, rows[name]) for name, kind in nodes.items()))


def _both(edges: ir.Table) -> ir.Table:
    """(node, other): each edge from either end."""
    return edges.select(node="one", other="other").union(edges.select(node="other", other="one"), distinct=True)


def _roots(near: ir.Table, engine: Engine) -> ir.Table:
    """(node, root): the least node that is reached from each. Nodes with no neighbour are their own, and not told."""
    told = engine.keep(near.group_by("node").agg(root=ibis.least(near.node.min(), near.other.min()), fell=True))
    while any(row["fell"] for row in engine.rows(told.agg(fell=told.fell.any()))):
        told = engine.keep(_further(told, near))
    return told.drop("fell")


def _further(told: ir.Table, near: ir.Table) -> ir.Table:
    """One step further, and from there as far as is known already: the steps become twice as long each time."""
    beyond = near.join(told.select(other="node", there="root"), "other").group_by("node").agg(there=ibis._.there.min())
    least = (
        told.join(beyond, "node").mutate(least=ibis.least(ibis._.root, ibis._.there)).select("node", "root", "least")
    )
    jumped = least.left_join(told.select(least="node", its="root"), "least")
    root = ibis.least(jumped.least, ibis.coalesce(jumped.its, jumped.least))
    return jumped.select("node", root=root, fell=root < jumped.root)


def _numbered(rows: ir.Table, nodes: dict[str, str], roots: ir.Table, number: int) -> ir.Table:
    """Rows with their ``piece``."""
    told = rows.mutate(node=_home(rows, nodes))
    joined = told.left_join(roots, "node")
    rest = ibis.coalesce(joined.root, joined.node) % number
    return joined.select(*rows.columns, piece=((rest + number) % number).cast("int64"))
