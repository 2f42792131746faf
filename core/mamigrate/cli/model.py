"""``model schema``."""

import json
import sys

from mamigrate.model.schema import json_schema


def schema() -> None:
    """Print the neutral model as one JSON Schema document."""
    sys.stdout.write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
