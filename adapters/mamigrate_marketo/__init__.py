"""Adobe Marketo Engage. The adapter class stands in ``adapter.py`` and is imported when asked for."""

from mamigrate.hookspecs import AdapterEntry, hookimpl


@hookimpl
def mamigrate_adapters() -> list[AdapterEntry]:
    return [AdapterEntry("marketo", "Adobe Marketo Engage", "mamigrate_marketo.adapter:Marketo")]
