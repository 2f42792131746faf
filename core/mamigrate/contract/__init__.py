"""What an adapter promises, and what the core may ask of it.

Required and small: describe yourself, connect, read in pages, write a batch with one outcome a record. Everything else
is an optional protocol with one power each. Each promise below has a case in ``mamigrate.testing.suite``.
"""

from mamigrate.contract.changes import Change, Outcome, Permit, Status
from mamigrate.contract.connection import Connection, InstanceInfo, Secret, Setting
from mamigrate.contract.denials import EVERYTHING, Denial, DenialPage
from mamigrate.contract.history import HistoryRoom, HistoryType
from mamigrate.contract.limits import Blocker, Quota
from mamigrate.contract.pages import Content, Landed, NeutralRow, Page, Rows
from mamigrate.contract.powers import (
    ActivityTotals,
    Adapter,
    ConsentFields,
    Counter,
    Deleter,
    DenialSink,
    DenialSource,
    DependentReader,
    ExclusionSource,
    Finder,
    HistorySink,
    Instance,
    Lagging,
    LinkedOptOuts,
    OptOutSync,
    PartlyClosed,
    ProgramSink,
    PushMeter,
    QuotaMeter,
    SyncCheck,
    Writer,
)
from mamigrate.contract.programs import ProgramRoom, TagRule

__all__ = [
    "EVERYTHING",
    "ActivityTotals",
    "Adapter",
    "Blocker",
    "Change",
    "Connection",
    "ConsentFields",
    "Content",
    "Counter",
    "Deleter",
    "Denial",
    "DenialPage",
    "DenialSink",
    "DenialSource",
    "DependentReader",
    "ExclusionSource",
    "Finder",
    "HistoryRoom",
    "HistorySink",
    "HistoryType",
    "Instance",
    "InstanceInfo",
    "Lagging",
    "Landed",
    "LinkedOptOuts",
    "NeutralRow",
    "OptOutSync",
    "Outcome",
    "Page",
    "PartlyClosed",
    "Permit",
    "ProgramRoom",
    "ProgramSink",
    "PushMeter",
    "Quota",
    "QuotaMeter",
    "Rows",
    "Secret",
    "Setting",
    "Status",
    "SyncCheck",
    "TagRule",
    "Writer",
]
