"""Fields of the target that look like those where a move keeps subscription types, and that nobody tends any more."""

import re
from collections.abc import Sequence

from mamigrate.findings import Severity
from mamigrate.mapping import model
from mamigrate.model.estate import Field, Topic
from mamigrate.model.kinds import Kind
from mamigrate.stages import former
from mamigrate.stages.move import Move


def tell(move: Move, mapping: model.Mapping, topics: Sequence[Topic], target: Sequence[Field]) -> None:
    """A finding for each: the ledger and the mapping that knew it are lost, and what is open there stays open."""
    named = {rule.target for rule in mapping.person} | {rule.target for rule in mapping.topics}
    known = named | former.fields(move)
    there = [field.api_name for field in target if field.holder is Kind.PERSON and field.api_name not in known]
    for topic in topics:
        stem = re.sub(r"[^A-Za-z0-9]", "", topic.key)
        for name in there:
            if re.fullmatch(rf"mm(No|Yes)Topic{stem}[0-9]*", name, re.IGNORECASE):
                subject = f"{move.target.name}/field/{name}"
                move.findings.add("topic_field_untended", Severity.WARN, subject, field=name, topic=topic.key)
