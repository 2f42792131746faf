"""The core's own commands, found by the same hook as a plug-in's. Each is imported when it is called."""

from collections.abc import Sequence

from mamigrate.hookspecs import CommandEntry, hookimpl

COMMANDS = (
    CommandEntry("run", "Move everything from one platform to another, and prove it", "mamigrate.cli.run:run"),
    CommandEntry("plan", "Derive the plan; write nothing to the target", "mamigrate.cli.run:plan"),
    CommandEntry("apply", "Write the last plan, if nothing it was derived from has changed", "mamigrate.cli.run:apply"),
    CommandEntry(
        "sync", "Carry denials that came after a move to the other side, both ways", "mamigrate.cli.sync:sync"
    ),
    CommandEntry("status", "Where the runs stand", "mamigrate.cli.status:status"),
    CommandEntry("doctor", "Are credentials, scopes, fields, quotas and CRM links good", "mamigrate.cli.doctor:doctor"),
    CommandEntry("rollback", "Undo what a run made, with a preview", "mamigrate.cli.rollback:rollback"),
    CommandEntry(
        "purge", "Destroy the personal data that a move staged, and say so in writing", "mamigrate.cli.purge:purge"
    ),
    CommandEntry("consent", "Prove that nobody became more mailable, or say who did", "mamigrate.cli.consent:consent"),
    CommandEntry("archive", "Search the history that was read, gone along or not", "mamigrate.cli.archive:archive"),
    CommandEntry("adapters list", "Who is installed, and what each can do", "mamigrate.cli.adapters:list_"),
    CommandEntry("model schema", "The neutral model as JSON Schema", "mamigrate.cli.model:schema"),
)


@hookimpl
def mamigrate_commands() -> Sequence[CommandEntry]:
    return COMMANDS
