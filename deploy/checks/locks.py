#!/usr/bin/env python3
"""Checks that there is one type of lock: Guarded, in Shared/Async.

ThreadSanitizer takes any other, such as `Synchronization.Mutex`, for a race. `--self-test` plants one in a copy of a
file and fails unless it is found.
"""

import re
import sys
import tempfile
from pathlib import Path

import verdict

ROOT = Path(__file__).resolve().parents[2]
HOME = Path("Shared/Async/Guarded.swift")
LOCK = re.compile(r"\bMutex\s*[<(]|\bpthread_mutex_init\b|\bpthread_rwlock_init\b|\bNSLock\b|\bNIOLock\b")
KNOWN = {HOME, Path("Shared/Async/Mailbox.swift")}
"""Where a lock is made: the one type, and the queue of a thread, which waits on a POSIX condition."""


def findings(root: Path) -> list[str]:
    """One line for each lock that is made elsewhere."""
    found = []
    for folder in ("Services", "Shared", "Tests"):
        for file in sorted((root / folder).rglob("*.swift")):
            where = file.relative_to(root)
            if where in KNOWN:
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if LOCK.search(line.partition("//")[0]):
                    found.append(f"{where}:{number}: error: a lock that is no Guarded")
    return found


def self_test() -> int:
    with tempfile.TemporaryDirectory() as folder:
        planted = Path(folder) / "Services" / "Portal" / "HTTP" / "Planted.swift"
        planted.parent.mkdir(parents=True)
        planted.write_text("let count = Mutex(0)\nlet other = Guarded(0) // no Mutex(0)\n", encoding="utf-8")
        missed = len(findings(Path(folder))) != 1
    print(f"locks: the planted lock was {'missed' if missed else 'found'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(verdict.run("locks", lambda: findings(ROOT), self_test))
