"""What the checks of this folder have in common: how they are called and how they answer."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


def run(name: str, findings: Callable[[], list[str]], self_test: Callable[[], int]) -> int:
    """Prints what was found, or with `--self-test` plants faults; answers the exit status."""
    if "--self-test" in sys.argv[1:]:
        return self_test()
    found = findings()
    for line in found:
        print(line)
    print(f"{name}: {len(found)} faults")
    return 1 if found else 0


def planted(name: str, files: dict[str, list[str]], count: int, findings: Callable[[Path], list[str]]) -> int:
    """Writes files with so many faults into a folder of their own; fails unless each is found there."""
    with tempfile.TemporaryDirectory() as folder:
        for path, lines in files.items():
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        found = findings(Path(folder))
    for line in found:
        print(line.replace("error: ", "planted: "))
    print(f"{name}: {len(found)} of {count} planted faults found")
    return 0 if len(found) == count else 1
