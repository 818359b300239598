#!/usr/bin/env python3
"""Checks that each log line of level error or critical has an entry in the runbook.

Such a line needs a person, and whoever reads it at night finds there what it means. An entry quotes the beginning of
the message in its heading, up to a value that the message holds. `--self-test` plants faults and fails unless each is found.
"""

import re
import sys
from pathlib import Path

import verdict

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = Path("Shared/Docs/runbook.md")
LINE = re.compile(r'\blogger\s*\.(?:error|critical)\(\s*(?:"""\s*(.*?)\s*"""|"((?:[^"\\]|\\.)*)"|([^,)]*))', re.DOTALL)
"""A call that logs: its message as a block, as a text, or as something else."""
ENOUGH = 30
"""So many characters of a message tell it from others."""


def message(match: re.Match) -> str:
    """The words before the first value, as they stand in the log."""
    text = re.sub(r"\\\n\s*", "", match[1] or match[2] or "")
    return re.sub(r"\s+", " ", text.partition("\\(")[0]).strip()


def findings(root: Path) -> list[str]:
    """One line for each message that the runbook does not have."""
    headings = [line for line in (root / RUNBOOK).read_text(encoding="utf-8").splitlines() if line.startswith("### ")]
    quoted = [quote.removesuffix("…").strip() for line in headings for quote in re.findall(r'"([^"]+)"', line)]
    found = []
    for folder in ("Services", "Shared"):
        for file in sorted((root / folder).rglob("*.swift")):
            where, source = file.relative_to(root), file.read_text(encoding="utf-8")
            for match in LINE.finditer(source):
                number, text = source.count("\n", 0, match.start()) + 1, message(match)
                if match[3] or not text:
                    found.append(f"{where}:{number}: error: a message is written where it is logged")
                elif not any(quote.startswith(text[:ENOUGH]) or text.startswith(quote) for quote in quoted):
                    found.append(f'{where}:{number}: error: no entry in {RUNBOOK}: "{text}"')
    return found


PLANTED = {
    str(RUNBOOK): ['### "a thing is gone: …", "another thing is gone"'],
    "Services/Portal/HTTP/Planted.swift": [
        'logger.error("a thing is gone: \\(name)")', 'logger.error("nobody knows of it", metadata: [:])',
        'logger.critical(', '    """', '    a thing that is broken \\', '    over two lines', '    """)',
        "logger.error(message)", 'logger.warning("mends itself")', 'logger.error("another thing is gone")'],
}
"""Files with three faults."""


if __name__ == "__main__":
    sys.exit(verdict.run("runbook", lambda: findings(ROOT), lambda: verdict.planted("runbook", PLANTED, 3, findings)))
