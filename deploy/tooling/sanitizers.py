"""Unit and integration tests under AddressSanitizer and under ThreadSanitizer.

Each has a build of its own beside the ordinary one, since everything is compiled otherwise: .build-asan, .build-tsan.
"""

import subprocess

from .runs import TESTS, Build, Result, one, swift_build, swift_tests, targets
from .settings import ROOT, Settings
from .terminal import say

SUPPRESSIONS = TESTS / "Sanitizers" / "thread.suppressions"
"""What ThreadSanitizer is told not to report, each with the proof that it is none."""

C11_THREADS = ROOT / ".build-tsan" / "c11threads.so"
"""The threads of librdkafka as ThreadSanitizer can follow them; why stands in its source."""

ADDRESS = Build(
    "asan", ("-c", "debug", "--scratch-path", ".build-asan", "--sanitize", "address"), ROOT / ".build-asan" / "debug",
    # Swift keeps metadata and what tests leave behind until the process ends: no leak of a service.
    {"ASAN_OPTIONS": "detect_leaks=0"})
THREAD = Build(
    "tsan",
    # The one type of lock becomes a POSIX lock, which ThreadSanitizer knows: Shared/Async/Guarded.swift.
    ("-c", "debug", "--scratch-path", ".build-tsan", "--sanitize", "thread", "-Xswiftc", "-DPTHREAD_LOCKS"),
    ROOT / ".build-tsan" / "debug",
    {"TSAN_OPTIONS": f"suppressions={SUPPRESSIONS} exitcode=66 history_size=4", "LD_PRELOAD": str(C11_THREADS),
     # Everything takes several times as long, and eight tests at once would wait for each other beyond their deadlines.
     "SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH": "3"})


def run(test: Settings, word: str | None) -> Result:
    """Builds and tests under both; a report of either counts as a failure."""
    return sum((under(build, test, word) for build in (ADDRESS, THREAD)), Result())


def under(build: Build, test: Settings, word: str | None) -> Result:
    say(f"-- {build.name}: building, which takes as long as a build from nothing the first time")
    if swift_build(test, build, "--build-tests") != 0:
        say(f"the build failed; its output is in {test.logs / f'build-{build.name}.log'}")
        return one(False)
    if build is THREAD:
        source = TESTS / "Sanitizers" / "c11threads.c"
        subprocess.run(["clang", "-O1", "-g", "-shared", "-fPIC", "-o", C11_THREADS, source], check=True)
    result = Result()
    for folder in (TESTS / "Unit", TESTS / "Integration"):
        # A process of its own for each: a report that ends a process leaves the others their turn.
        for name in targets(folder):
            say(f"-- {build.name}: {name}")
            result += swift_tests(test, build, folder, [name], word)
    return result
