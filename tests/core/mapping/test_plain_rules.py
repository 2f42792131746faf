"""A value that passes without being looked at would have passed the long way too."""

from hypothesis import given
from hypothesis import strategies as st

from mamigrate.mapping.compile import Compiled
from mamigrate.mapping.convert import Problem, Rule
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind

RULES = st.builds(
    Rule,
    source=st.just("from"),
    target=st.just("to"),
    source_type=st.sampled_from(DataType),
    target_type=st.sampled_from(DataType),
    max_chars=st.none() | st.integers(0, 12),
    max_bytes=st.none() | st.integers(0, 24),
    options=st.none() | st.just(frozenset({"a", "b"})),
    values=st.just({}) | st.just({"a": "b"}),
    keep_others=st.booleans(),
    too_long=st.sampled_from(["block", "cut", "leave"]),
    fill_only=st.booleans(),
)
TEXTS = st.text(max_size=15) | st.sampled_from(["a", "a;b", "true", "12.50", "2024-02-29", "2024-02-29T10:00:00.5Z"])


@given(RULES, TEXTS)
def test_compiled_rules_do_what_each_rule_does(rule: Rule, text: str) -> None:
    made, failed = Compiled(Kind.PERSON, (rule,)).apply({"from": text})
    alone = rule.apply(text)
    if isinstance(alone, Problem):
        assert (made, failed) == ({} if alone.kept is None else {"to": alone.kept}, [(rule, alone)])
    else:
        assert (made, failed) == ({"to": alone}, [])
