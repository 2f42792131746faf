"""Move a company from one marketing-automation platform to another, and prove the result.

Import from the module that defines a name (``from mamigrate.model.estate import Field``): each import line then says
which room it reaches into. ``docs/explanation/architecture.md`` is the map.
"""

__version__ = "0.1.0"
