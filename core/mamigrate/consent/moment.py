"""A moment that facts are compared with."""

from datetime import datetime

import ibis.expr.types as ir

Moment = datetime | ir.TimestampValue
"""As a value, or as an expression: one of a table that was kept is the same expression in every run, a value is another each time."""
