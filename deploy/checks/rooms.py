#!/usr/bin/env python3
"""Checks what each room of a service imports.

The compiler keeps targets apart; the rooms Application, HTTP, Storage and Events lie in one target, so this script
keeps them apart: a room may import the modules of its list, and the standard library. `--self-test` plants a
violation in a copy of each room and fails unless it is found.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

import verdict

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ["Authentication", "ProfileResolution", "MandateRegistry", "OrganisationRights", "Portal"]

EVERYWHERE = {"Vocabulary", "Async", "FoundationEssentials"}
"""Pure words, the one lock, and values (UUID, Data, JSON) without input or output."""

CONTRACTS = {"ContractCore", *(f"{service}Contracts" for service in SERVICES)}
"""What services say to each other."""

CLIENTS = {"Clients", *(f"{service}Clients" for service in SERVICES)}
"""How they call each other."""

ROOMS: dict[str, set[str]] = {
    # Rules: no input or output, no clock, no encoding.
    "Domain": set(),
    # One use case a file: opens the transaction, decides, stores, appends to the outbox.
    "Application": {"{domain}", "AuditTrail", "Crypto", "CryptoExtras", "EventOutbox", "Following", "Imports",
                    "Keys", "Logging", "Metrics", "NIOPosix", "Postgres", "Process", "Sealing", "ServiceLifecycle",
                    "Tokens", "Waiting", "Web", *CONTRACTS, *CLIENTS},
    # Routes, bodies, pages, and where the parts of the service are put together.
    "HTTP": {"{domain}", "AccessEnds", "AsyncHTTPClient", "AuditTrail", "Configuration", "Crypto", "EventOutbox", "Following",
             "HTTPTypes", "Hummingbird", "Imports", "Keys", "Logging", "Metrics", "NIOCore", "NIOHTTP1", "Pages",
             "Postgres", "Process", "Sealing", "ServiceLifecycle", "Settings", "Streams", "Tokens", "Waiting", "Web",
             *CONTRACTS, *CLIENTS},
    # Statements and stores.
    "Storage": {"{domain}", "AuditTrail", "Crypto", "CryptoExtras", "EventOutbox", "Following", "Keys", "Postgres",
                "Sealing", "Tokens", "Waiting", *CONTRACTS},
    # What is published, and what is done with what others publish.
    "Events": {"{domain}", "AuditTrail", "EventOutbox", "Following", "Logging", "Metrics", "Postgres", "Tokens",
               "Waiting", *CONTRACTS},
    # The process.
    "Main": {"{service}", "{domain}", "Process"},
}

FOUNDATION_NEVER = {"Foundation", "Dispatch", "Glibc"}
IMPORT = re.compile(
    r"^\s*(?:@[\w()]+\s+)*(?:public\s+|package\s+|internal\s+|private\s+|fileprivate\s+)?import\s+"
    r"(?:struct\s+|class\s+|enum\s+|protocol\s+|func\s+|let\s+|var\s+|typealias\s+)?(\w+)", re.MULTILINE)


def imports_of(file: Path) -> list[tuple[int, str]]:
    """The imported modules with their line numbers; comments are passed over."""
    found = []
    text = file.read_text(encoding="utf-8")
    for match in IMPORT.finditer(text):
        found.append((text.count("\n", 0, match.start(1)) + 1, match[1]))
    return found


def findings(services: Path) -> list[str]:
    """One line for each import that a room must not have, and for each file outside every room."""
    found = []
    for service in SERVICES:
        names = {"service": service, "domain": f"{service}Domain"}
        for file in sorted((services / service).rglob("*.swift")):
            room = file.relative_to(services / service).parts[0]
            where = file.relative_to(services.parent)
            if room not in ROOMS:
                found.append(f"{where}:1: error: {room!r} is no room of a service; there are {', '.join(ROOMS)}")
                continue
            allowed = EVERYWHERE | {name.format(**names) for name in ROOMS[room]}
            found += [f"{where}:{line}: error: {room} must not import {module}"
                      for line, module in imports_of(file) if module not in allowed or module in FOUNDATION_NEVER]
    return found


def self_test() -> int:
    """Plants one violation in each room of each service, one after the other; every one has to be found."""
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "Services"
        shutil.copytree(ROOT / "Services", copy)
        clean = findings(copy)
        for service in SERVICES:
            for room in ROOMS:
                planted = copy / service / room / "Planted.swift"
                planted.write_text("internal import Kafka\n", encoding="utf-8")
                new = [line for line in findings(copy) if line not in clean]
                if [line for line in new if f"{service}/{room}/Planted.swift:1:" in line] != new or len(new) != 1:
                    missed.append(f"{service}/{room}: a planted `import Kafka` was not found")
                planted.unlink()
    for line in missed:
        print(line)
    print(f"rooms: {len(SERVICES) * len(ROOMS) - len(missed)} planted violations found, {len(missed)} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(verdict.run("rooms", lambda: findings(ROOT / "Services"), self_test))
