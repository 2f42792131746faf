"""Keeps what the library below us logs about URLs out of every log: paths and queries hold people and secrets."""

import logging


class _NoUrls(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return False
        record.msg, record.args = "trouble with a connection", None
        return True


_FILTER = _NoUrls()


def hush() -> None:
    """Idempotent. Our own line, with the route's template, stands in ``mamigrate.http``."""
    for name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry", "requests"):
        logger = logging.getLogger(name)
        if _FILTER not in logger.filters:
            logger.addFilter(_FILTER)
