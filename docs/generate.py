"""Writes the parts of these pages that list things: from the program itself, so that they cannot differ from it.

A page holds ``<!-- generated: NAME -->`` and ``<!-- end -->``; what stands between is replaced by the listing of that name.
Everything else on the page is written by hand. With ``--check`` nothing is written: a page that differs is named, and the
exit code is 1.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from listings import adapters, commands, dependencies, findings, law, limits, model, picture, sandbox, settings

DOCS = Path(__file__).parent
BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

LISTINGS: Mapping[str, Callable[[], str]] = {
    "commands": commands.listing,
    "planned-commands": commands.planned,
    "exit-codes": commands.exit_codes,
    "hooks": adapters.hooks,
    "installed-adapters": adapters.installed,
    "capabilities": adapters.capabilities,
    "adapter-options": adapters.options,
    "blockers": adapters.blockers,
    "protocols": adapters.protocols,
    "findings": findings.listing,
    "project-file": settings.project_file,
    "limits": limits.limits,
    "routes": limits.routes,
    "retention": limits.retention,
    "packs": law.listing,
    "mapping": settings.mapping,
    "programs": settings.programs,
    "decisions": settings.decisions,
    "facts": settings.facts,
    "kinds": model.kinds,
    "buckets": model.buckets,
    "types": model.types,
    "migration-fields": model.migration_fields,
    "control": sandbox.control,
    "faults": sandbox.faults,
    "switches": sandbox.switches,
    "estates": sandbox.estates,
    "dependencies": dependencies.listing,
}


def generated(page: str) -> str:
    """The page with every listing written anew. Raises KeyError for a name that no listing bears."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{LISTINGS[found['name']]()}\n\n{found[3]}", page)


def pages() -> Iterator[tuple[Path, str]]:
    """Every page, and the picture, with what it must hold."""
    for path in sorted(DOCS.rglob("*.md")):
        yield path, generated(path.read_text(encoding="utf-8"))
    yield DOCS / "images" / "architecture.svg", picture.draw()


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` name those that differ."""
    differing = []
    for path, new in pages():
        if not path.exists() or path.read_text(encoding="utf-8") != new:
            differing.append(path.relative_to(DOCS.parent))
            if "--check" not in arguments:
                path.write_text(new, encoding="utf-8")
    for name in differing:
        print(f"{name}: {'differs; run `make docs`' if '--check' in arguments else 'written'}")
    return 1 if differing and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
