"""HubSpot. The adapter class stands in ``adapter.py`` and is imported when asked for."""

from mamigrate.hookspecs import AdapterEntry, hookimpl


@hookimpl
def mamigrate_adapters() -> list[AdapterEntry]:
    return [AdapterEntry("hubspot", "HubSpot", "mamigrate_hubspot.adapter:HubSpot")]
