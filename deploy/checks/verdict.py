"""What the checks of this folder have in common: how they are called and how they answer."""

import sys
from collections.abc import Callable


def run(name: str, findings: Callable[[], list[str]], self_test: Callable[[], int]) -> int:
    """Prints what was found, or with `--self-test` plants faults; answers the exit status."""
    if "--self-test" in sys.argv[1:]:
        return self_test()
    found = findings()
    for line in found:
        print(line)
    print(f"{name}: {len(found)} faults")
    return 1 if found else 0
