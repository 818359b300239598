#!/usr/bin/env python3
"""Checks what the targets of Package.swift rest on, and says what a change recompiles.

Every module that a target lists is imported by one of its files, and every module that a file imports is listed; what
must stay light does not reach the heavy libraries. `--self-test` plants faults and fails unless each is found.
`--recompiles` prints, for each of our modules, the share of our lines that is compiled again when it changes.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import verdict

ROOT = Path(__file__).resolve().parents[2]

IMPORT = re.compile(
    r"^\s*(?:@[\w()]+\s+)*(?:public\s+|package\s+|internal\s+|private\s+|fileprivate\s+)?import\s+"
    r"(?:struct\s+|class\s+|enum\s+|protocol\s+|func\s+|let\s+|var\s+|typealias\s+)?(\w+)", re.MULTILINE)

TOOLCHAIN = {"Dispatch", "Foundation", "FoundationEssentials", "FoundationInternationalization", "Glibc",
             "Swift", "Synchronization", "Testing"}
"""Modules that come with Swift and stand in no manifest."""

FORBIDDEN: dict[str, set[str]] = {
    # What calls our services from elsewhere links neither a server nor a database nor a broker.
    "Clients": {"CLibpq", "CRdKafka", "Hummingbird"},
    # What answers HTTP knows no database and no broker.
    "Web": {"CLibpq", "CRdKafka"},
    "Pages": {"CLibpq", "CRdKafka"},
    "Process": {"Mustache"},
    "Settings": {"CLibpq", "CRdKafka", "Hummingbird", "AsyncHTTPClient"},
    "Telemetry": {"CLibpq", "CRdKafka", "Hummingbird", "AsyncHTTPClient"},
    "Imports": {"CLibpq", "CRdKafka", "Hummingbird", "AsyncHTTPClient"},
    "Keys": {"CLibpq", "CRdKafka", "Hummingbird", "AsyncHTTPClient"},
    # Events travel without a server.
    "EventOutbox": {"CRdKafka", "Hummingbird", "AsyncHTTPClient"},
    "Following": {"CRdKafka", "Hummingbird", "AsyncHTTPClient"},
    "Streams": {"Hummingbird", "AsyncHTTPClient"},
    "Flow": {"CLibpq", "CRdKafka", "Hummingbird", "AsyncHTTPClient"},
    # No page, no template engine.
    "MandateRegistry": {"Mustache"},
    "OrganisationRights": {"Mustache"},
}
"""What a target must not reach, neither itself nor through what it rests on."""

HEAVY = {"CLibpq", "CRdKafka", "Hummingbird", "AsyncHTTPClient", "Mustache"}
"""What a domain, its tests and the contracts never reach."""


@dataclass(frozen=True)
class Target:
    """A target of the manifest, with its files."""

    name: str
    lists: frozenset[str]
    files: tuple[Path, ...] = ()
    imports: frozenset[str] = field(default=frozenset())
    lines: int = 0
    system: bool = False


def read(manifest: dict) -> list[Target]:
    """The targets, with what their files import."""
    found = []
    for entry in manifest["targets"]:
        lists = set()
        for dependency in entry["dependencies"]:
            (kind, value), = dependency.items()
            if kind in ("byName", "target", "product"):
                lists.add(value[0])
        if entry["type"] == "system":
            found.append(Target(entry["name"], frozenset(lists), system=True))
            continue
        folder = ROOT / entry["path"]
        rooms = [folder / part for part in entry.get("sources") or ["."]]
        without = [folder / part for part in entry.get("exclude") or []]
        files = tuple(sorted(
            file for room in rooms for file in room.rglob("*.swift")
            if not any(part == file or part in file.parents for part in without)))
        texts = [file.read_text(encoding="utf-8") for file in files]
        imports = {match[1] for text in texts for match in IMPORT.finditer(text)} - TOOLCHAIN
        found.append(Target(entry["name"], frozenset(lists), files, frozenset(imports),
                            sum(text.count("\n") for text in texts)))
    return found


def reached(target: Target, known: dict[str, Target]) -> set[str]:
    """Everything that a target rests on, directly or not; products of other packages count as themselves."""
    seen: set[str] = set()
    to_visit = [target.name]
    while to_visit:
        name = to_visit.pop()
        for other in known[name].lists if name in known else ():
            if other not in seen:
                seen.add(other)
                to_visit.append(other)
    return seen


def forbidden(name: str) -> set[str]:
    """What a target of that name must not reach."""
    if name in FORBIDDEN:
        return FORBIDDEN[name]
    if re.search(r"(Domain|DomainTests|Contracts)$|^(ContractCore|Vocabulary|VocabularyTests)$", name):
        return HEAVY
    if name.endswith("Clients"):
        return FORBIDDEN["Clients"]
    return set()


def findings(targets: list[Target]) -> list[str]:
    """One line for each module too many, too few, or out of reach."""
    known = {target.name: target for target in targets}
    found = []
    for target in targets:
        if target.system:
            continue
        for module in sorted(target.lists - target.imports):
            found.append(f"Package.swift: error: {target.name} lists {module}, which no file of it imports")
        for module in sorted(target.imports - target.lists):
            found.append(f"Package.swift: error: {target.name} imports {module} and does not list it")
        for module in sorted(forbidden(target.name) & reached(target, known)):
            found.append(f"Package.swift: error: {target.name} must not rest on {module}")
    return found


def recompiles(targets: list[Target]) -> str:
    """For each of our modules the share of our lines, its own among them, that depends on it."""
    known = {target.name: target for target in targets}
    everything = sum(target.lines for target in targets)
    shares = {}
    for subject in targets:
        depending = sum(target.lines for target in targets
                        if target is subject or subject.name in reached(target, known))
        shares[subject.name] = depending / everything
    rows = [f"| {name} | {known[name].lines} | {share:.0%} |"
            for name, share in sorted(shares.items(), key=lambda item: -item[1]) if known[name].lines]
    return "\n".join([f"{everything} lines of Swift in {len(rows)} targets", "| module | lines | recompiled |",
                      "| --- | ---: | ---: |", *rows])


def self_test(targets: list[Target]) -> int:
    """Plants one fault of each kind; every one has to be found."""
    clean = findings(targets)
    known = {target.name: target for target in targets}

    def planted(target: Target) -> list[str]:
        changed = [target if other.name == target.name else other for other in targets]
        return [line for line in findings(changed) if line not in clean]

    domain, clients = known["PortalDomain"], known["Clients"]
    faults = {
        "a module too many": replace(domain, lists=domain.lists | {"Keys"}),
        "a module too few": replace(domain, imports=domain.imports | {"Keys"}),
        "a domain on the database": replace(domain, lists=domain.lists | {"Postgres"}),
        "a client on the server": replace(clients, lists=clients.lists | {"Web"}),
    }
    missed = [name for name, target in faults.items() if not planted(target)]
    for name in missed:
        print(f"targets: a planted fault was not found: {name}")
    print(f"targets: {len(faults) - len(missed)} planted faults found, {len(missed)} missed")
    return 1 if missed else 0


def main() -> int:
    command = ["swift", "package", "--package-path", str(ROOT), "dump-package"]
    targets = read(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    if "--recompiles" in sys.argv[1:]:
        print(recompiles(targets))
        return 0
    return verdict.run("targets", lambda: findings(targets), lambda: self_test(targets))


if __name__ == "__main__":
    sys.exit(main())
