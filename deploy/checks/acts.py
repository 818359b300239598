#!/usr/bin/env python3
"""Checks that acts are recorded in one way, and that use cases get their parts and not a bag (ADR 57).

A record is made by `Act.record` alone; each service names its actions in one file, with a comment each, as
`noun.verb`; no file of an Application room mentions what a whole service is put together from. `--self-test` plants
faults and fails unless each is found.
"""

import re
import sys
from pathlib import Path

import verdict

ROOT = Path(__file__).resolve().parents[2]
HOME = Path("Shared/Messaging/Audit")
"""Where records are made."""
ACTIONS = "AuditActions.swift"
"""The file of a service that names its actions."""
BAGS = re.compile(r"\b(?:ServiceBase|\w+Parts)\b")
ACTION = re.compile(r"\bstatic let (\w+) = AuditAction\(rawValue: \"([^\"]*)\"\)")
WELL_FORMED = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+")


def code(line: str) -> str:
    """A line without its comment."""
    return line.partition("//")[0]


def actions(where: Path, lines: list[str]) -> list[str]:
    """What is wrong with the actions that a file names."""
    found, names, before = [], set(), ""
    for number, line in enumerate(lines, 1):
        match = ACTION.search(code(line))
        if "AuditAction(" in code(line) and not match:
            found.append(f"{where}:{number}: error: an action is a static constant on one line")
        if match:
            if not before.strip().startswith("///"):
                found.append(f"{where}:{number}: error: {match[1]} has no comment that says what is done")
            if not WELL_FORMED.fullmatch(match[2]):
                found.append(f"{where}:{number}: error: \"{match[2]}\" is no noun.verb")
            if match[2] in names:
                found.append(f"{where}:{number}: error: \"{match[2]}\" stands here twice")
            names.add(match[2])
        before = line
    return found


def findings(root: Path) -> list[str]:
    """One line for each fault in the sources of the product."""
    found = []
    for folder in ("Services", "Shared"):
        for file in sorted((root / folder).rglob("*.swift")):
            where = file.relative_to(root)
            lines = file.read_text(encoding="utf-8").splitlines()
            if where.is_relative_to(HOME):
                continue
            if where.name == ACTIONS:
                found += actions(where, lines)
                continue
            for number, line in enumerate(map(code, lines), 1):
                if "AuditEntry(" in line:
                    found.append(f"{where}:{number}: error: a record is made by Act.record")
                if "AuditAction(" in line:
                    found.append(f"{where}:{number}: error: actions are named in {ACTIONS}")
                if "Application" in where.parts and BAGS.search(line):
                    found.append(f"{where}:{number}: error: a use case gets its parts, not a bag")
    return found


PLANTED = {
    "Services/Portal/HTTP/Planted.swift": [
        "let entry = AuditEntry(id: id)", "let action = AuditAction(rawValue: \"a.b\")"],
    "Services/Portal/Application/Planted.swift": ["    let base: ServiceBase"],
    f"Services/Portal/Application/{ACTIONS}": [
        "    static let bare = AuditAction(rawValue: \"thing.bare\")", "    /// A comment.",
        "    static let word = AuditAction(rawValue: \"thing\")", "    /// A comment.",
        "    static let again = AuditAction(rawValue: \"thing.bare\")", "    /// A comment.",
        "    static let apart =", "        AuditAction(rawValue: \"thing.apart\")"],
}
"""Files with seven faults."""


if __name__ == "__main__":
    sys.exit(verdict.run("acts", lambda: findings(ROOT), lambda: verdict.planted("acts", PLANTED, 7, findings)))
