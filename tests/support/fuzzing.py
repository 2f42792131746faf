"""A long run on one target in a process of its own: ``python fuzzing.py TARGET SECONDS FOLDER``.

With atheris where it is installed, which follows branches; else with seeds that are changed at random.
"""

import resource
import sys
import time
from importlib.util import find_spec

MOST_MIB, SLOWEST = 512, 1
GUIDED = find_spec("atheris") is not None
PACKAGES = ["mamigrate", "mamigrate_hubspot", "mamigrate_marketo"]


def main(name: str, seconds: str, folder: str) -> None:
    if GUIDED:
        _guided(name, seconds, folder)
    else:
        _blind(name, float(seconds))


def _guided(name: str, seconds: str, folder: str) -> None:
    import atheris

    with atheris.instrument_imports(include=PACKAGES):
        import fuzzed
    limits = [f"-max_total_time={seconds}", f"-timeout={SLOWEST}", f"-rss_limit_mb={MOST_MIB}", "-max_len=4096"]
    corpus = [folder, str(fuzzed.CORPUS / name)]  # what is new goes into the first
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", f"-artifact_prefix={folder}/", *corpus], lambda data: fuzzed.fed(name, data))  # fmt: skip
    atheris.Fuzz()


def _blind(name: str, seconds: float) -> None:
    import fuzzed

    until, number = time.monotonic() + seconds, 0
    for data in fuzzed.inputs(name, int(time.time())):
        begun = time.monotonic()
        fuzzed.fed(name, data)
        number += 1
        if (now := time.monotonic()) - begun > SLOWEST:
            raise TimeoutError(f"{now - begun:.1f} s for {data!r}")
        if now > until:
            break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    assert peak <= MOST_MIB, f"{peak} MiB"
    print(f"stat::number_of_executed_units: {number}", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
