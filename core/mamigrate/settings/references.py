"""Secrets by reference: the environment and the system's keyring."""

import os

from mamigrate.errors import UsageError


def from_environment(variable: str, where: str) -> str:
    """The value of a variable. Raises UsageError where it is not set."""
    if not (value := os.environ.get(variable, "")):
        raise UsageError(f"the environment variable {variable} is not set", where=where)
    return value


def from_keyring(reference: str, where: str) -> str:
    """An entry of the service ``mamigrate``. Raises UsageError where there is none, or no keyring."""
    try:
        import keyring
    except ImportError as error:
        raise UsageError("install mamigrate[keyring] to read secrets from a keyring", where=where) from error
    if not (value := keyring.get_password("mamigrate", reference)):
        raise UsageError(f"the keyring holds no mamigrate/{reference}", where=where)
    return str(value)
