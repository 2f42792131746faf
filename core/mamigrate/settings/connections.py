"""From a name on the command line to a connection: a section of the project file, or an adapter and the environment."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from mamigrate.contract import Adapter, Connection, Secret, Setting
from mamigrate.errors import UsageError
from mamigrate.handwritten import mistakes
from mamigrate.handwritten.text import nearest
from mamigrate.http.origins import is_loopback
from mamigrate.settings.model import ConnectionSection
from mamigrate.settings.project import NAME, SIGNED, Project
from mamigrate.settings.references import from_environment, from_keyring


def resolve(project: Project, name: str, adapters: Mapping[str, str]) -> ConnectionSection:
    """The section that ``name`` means. ``adapters`` maps installed names to titles.

    Raises UsageError, also where the project is signed as a whole and what the name means is no sandbox.
    """
    section = _section(project, name, adapters)
    if project.signer and not is_loopback(section.base_url):
        raise UsageError(f"{SIGNED}: {name} is no sandbox", where=f"{project.folder / NAME} [project] signed")
    return section


def _section(project: Project, name: str, adapters: Mapping[str, str]) -> ConnectionSection:
    section = project.file.connections.get(name)
    if section is not None:
        return section
    if name in adapters:
        return _from_environment(name)
    known = {*project.file.connections, *adapters}
    near = f'did you mean "{found}"? ' if (found := nearest(name, known)) else ""
    told = f"no connection and no adapter is called {name!r}; {near}known: {', '.join(sorted(known))}"
    raise UsageError(told, where=name, fix="connection")


def connection(section: ConnectionSection, name: str, adapter: Adapter) -> Connection:
    """Validate a section against the adapter's settings and fetch the secrets. Raises UsageError with everything wrong."""
    options: dict[str, str] = {}
    secrets: dict[str, Secret] = {}
    wrong = list(_wrong(name, section, adapter))
    for setting in adapter.settings:
        try:
            value = _value(setting, name, section)
        except UsageError as error:
            wrong.append(error)
            continue
        if value and setting.secret and not _sendable(value):
            wrong.append(_unsendable(setting, name, section.own))
        elif value and setting.secret:
            secrets[setting.name] = Secret(value)
        elif value:
            options[setting.name] = value
    if wrong:
        raise UsageError.together(wrong)
    return Connection(
        name=name,
        adapter=section.adapter,
        base_url=section.base_url,
        time_zone=section.time_zone,
        options=options,
        secrets=secrets,
        speed=section.speed,
        contracted_people=section.contracted_people,
    )


def _sendable(secret: str) -> bool:
    """Whether a secret can stand in a header: what was pasted with more around it, or in full width, cannot."""
    return secret.isascii() and secret.isprintable() and secret == secret.strip()


def _unsendable(setting: Setting, name: str, own: Mapping[str, Any]) -> UsageError:
    source = next((end for end in ("_env", "_keyring") if own.get(setting.name + end)), "")
    holder = str(own[setting.name + source]) if source else setting.name
    told = f"{holder} holds a line break, a blank at an end or a character that no token has: copy it again, alone"
    return UsageError(told, where=f"connections.{name}.{setting.name}{source}")


def credentials(section: ConnectionSection, name: str, adapter: Adapter) -> str:
    """Where the secrets of a connection come from, and what to see to when the vendor does not take them."""
    found = [f"{one.name} ({one.help}) {_origin(one, name, section.own)}" for one in adapter.settings if one.secret]
    if not found:
        return ""
    others = [one.name for one in adapter.settings if one.required and not (one.secret or one.declared)]
    beside = f", and that {' and '.join([*others, 'base_url'])} belong{'' if others else 's'} to it"
    told = "; ".join(found)
    return f"{name} has {told}: see that it is whole, of this very account, not expired and not revoked{beside}"


def _origin(setting: Setting, name: str, own: Mapping[str, Any]) -> str:
    if variable := own.get(f"{setting.name}_env"):
        return f"from the environment variable {variable}"
    if reference := own.get(f"{setting.name}_keyring"):
        return f"from the keyring, as mamigrate/{reference}"
    return f"from connections.{name}.{setting.name} in mamigrate.toml"


def _value(setting: Setting, name: str, section: ConnectionSection) -> str:
    own = section.own
    if setting.name in own:
        if setting.secret and not is_loopback(section.base_url):
            fix = f'write {setting.name}_env = "VARIABLE" or {setting.name}_keyring = "name"'
            raise UsageError(f"a secret may not stand in the file: {fix}", where=f"connections.{name}.{setting.name}")
        return str(own[setting.name])
    for source, fetch in (("env", from_environment), ("keyring", from_keyring)):
        reference = own.get(f"{setting.name}_{source}")
        if reference:
            return fetch(str(reference), f"connections.{name}.{setting.name}_{source}")
    if setting.required and not setting.default:
        raise UsageError(f"{setting.name} is missing: {setting.help}", where=f"connections.{name}", fix="credentials")
    return setting.default


def _from_environment(adapter: str) -> ConnectionSection:
    """Options of a short name: ``MAMIGRATE_<ADAPTER>_<OPTION>``; secrets are fetched by reference. Raises UsageError."""
    prefix = f"MAMIGRATE_{adapter.upper()}_"
    found: dict[str, Any] = {}
    for variable in os.environ:
        if variable.startswith(prefix):
            option = variable.removeprefix(prefix).lower()
            plain = option in ConnectionSection.model_fields
            found[option if plain else f"{option}_env"] = os.environ[variable] if plain else variable
    try:
        return ConnectionSection.model_validate({**found, "adapter": adapter})
    except ValidationError as error:
        told = mistakes.of(error, ConnectionSection, lambda path: f"{prefix}{path[0]}".upper())
        raise mistakes.refusal(told) from error


def _wrong(name: str, section: ConnectionSection, adapter: Adapter) -> Iterator[UsageError]:
    """Keys that the adapter does not have, and a clock that may not run fast."""
    if section.speed != 1.0 and not is_loopback(section.base_url):
        yield UsageError("speed is for local sandboxes only", where=f"connections.{name}.speed")
    known = {setting.name for setting in adapter.settings}
    for option in section.own:
        stem = option.removesuffix("_env").removesuffix("_keyring")
        if option not in known and stem not in known:
            near = nearest(stem, {*known, *ConnectionSection.model_fields})
            meant = f'did you mean "{near}"? ' if near else ""
            told = f"{adapter.name} has no option {option!r}; {meant}it has: {', '.join(sorted(known))}"
            yield UsageError(told, where=f"connections.{name}")
