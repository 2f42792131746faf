"""The contract suite: a class to inherit, which gives an adapter one case for every promise in ``mamigrate.contract``.

An adapter's test is a class line, two attributes and a few fixtures of class scope::

    class TestContract(AdapterContract):
        adapter = Example()
        protocols = (QuotaMeter,)

        @pytest.fixture(scope="class")
        @classmethod
        def connection(cls) -> Connection: ...          # to a small instance that is filled, of kinds that are read

        @pytest.fixture(scope="class")
        @classmethod
        def calls(cls) -> Callable[[], int]: ...        # calls that the vendor has answered so far

        # for adapters that write:
        @pytest.fixture(scope="class")
        @classmethod
        def make(cls) -> Callable[[Kind, int], Change]: ...   # the n-th new record of a kind, valid and unique
        @pytest.fixture(scope="class")
        @classmethod
        def wrong(cls) -> tuple[Change, str]: ...       # a person that the vendor refuses, and the field that is why
        @pytest.fixture(scope="class")
        @classmethod
        def lose_reply(cls) -> Callable[[], None]: ...  # the next write is carried out, its reply never arrives

        # for adapters that take history:
        @pytest.fixture(scope="class")
        @classmethod
        def lose_history(cls) -> Callable[[], None]: ...  # the next activities are written, the reply never arrives

        # for adapters that tell denials after a move:
        @pytest.fixture(scope="class")
        @classmethod
        def leave(cls) -> Callable[[int], str]: ...     # the n-th person opts out of everything; gives the address
        # for adapters that take them:
        @pytest.fixture(scope="class")
        @classmethod
        def topic(cls) -> str: ...                      # the key of a subscription type
        @pytest.fixture(scope="class")
        @classmethod
        def lose_denial(cls) -> Callable[[], None]: ... # the next denial is carried out, its reply never arrives

Cases of powers that the capability rows deny do not exist for this adapter: nothing is skipped. Put
``pytest.register_assert_rewrite("mamigrate.testing")`` into ``conftest.py`` so that failures show values.
"""

from mamigrate.testing.suite_consent import ConsentCases
from mamigrate.testing.suite_describing import DescribingCases
from mamigrate.testing.suite_finding import FindingCases
from mamigrate.testing.suite_history import HistoryCases
from mamigrate.testing.suite_late import LateCases
from mamigrate.testing.suite_laws import LawCases
from mamigrate.testing.suite_programs import ProgramCases
from mamigrate.testing.suite_reading import ReadingCases
from mamigrate.testing.suite_writing import WritingCases


class AdapterContract(
    ProgramCases,
    DescribingCases,
    ReadingCases,
    FindingCases,
    WritingCases,
    ConsentCases,
    LawCases,
    LateCases,
    HistoryCases,
):
    """Everything that ``mamigrate.contract`` promises."""
