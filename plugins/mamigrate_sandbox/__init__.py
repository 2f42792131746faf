"""Local sandboxes that speak the vendors' wire protocols. Written from the vendors' facts, never from an adapter."""

from collections.abc import Sequence

from mamigrate.hookspecs import CommandEntry, Rehearsal, RehearsalRequest, hookimpl


@hookimpl
def mamigrate_commands() -> Sequence[CommandEntry]:
    return [CommandEntry("sandbox up", "Run local vendors for any client", "mamigrate_sandbox.command:up")]


@hookimpl
def mamigrate_check_rehearsal(request: RehearsalRequest) -> None:
    from mamigrate_sandbox.command import check_rehearsal

    check_rehearsal(request)


@hookimpl
def mamigrate_rehearse(request: RehearsalRequest) -> Rehearsal | None:
    from mamigrate_sandbox.rehearsal import start

    return start(request)
