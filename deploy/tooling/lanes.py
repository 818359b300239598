"""The test lanes: what is checked, in which order, and how it is counted.

A lane under Tests/ is a folder: its sub-folders with Swift files are test targets, its test_*.py files are run by
pytest. So a new test is found by where it lies, and a lane in which no test ran has failed.
"""

import json
import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import broker, environment, packages, postgres, sanitizers, settings, supervisor
from .runs import TESTS, Result, one, ordinary, python_tests, swift_build, swift_tests, targets
from .settings import DEPLOY, ROOT, Failure, Settings
from .terminal import say, step, stream

STRICT = "CI" in os.environ and os.environ["CI"] not in ("", "false", "0")
"""On a continuous-integration machine a skipped test is a failure."""


@dataclass(frozen=True)
class Lane:
    """A named check; `needs` says what has to run for it."""

    name: str
    what: str
    run: Callable[..., Result]
    needs: str = ""
    runs_tests: bool = False
    """Whether it runs tests that have names, so that a filter can choose among them."""
    only_by_name: bool = False
    """Whether it is left out unless it is asked for by its name."""


def describe() -> str:
    described = "; ".join(f"{lane.name}: {lane.what}" for lane in LANES if not lane.only_by_name)
    others = "; ".join(f"{lane.name}: {lane.what}" for lane in LANES if lane.only_by_name)
    return f"Lanes, in this order: {described}. Only when named: {others}."


def run(names: list[str], word: str | None = None) -> int:
    """Runs the lanes (all of them unless some are named, but those only by name) and says how each went.

    With a word only the tests whose names have it are run; lanes without named tests are then left out unless named.
    """
    known = {lane.name: lane for lane in LANES}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Failure(f"there is no lane {', '.join(unknown)}; there are {', '.join(known)}")
    unnamed = [lane for lane in LANES if not lane.only_by_name and (word is None or lane.runs_tests)]
    chosen = [lane for lane in LANES if lane.name in names] if names else unnamed
    if word is not None and not WORD.fullmatch(word):
        raise Failure("--filter takes one word of a test's name: letters, digits and underscores")
    for lane in chosen:
        if word is not None and not lane.runs_tests:
            raise Failure(f"lane {lane.name} has no tests that a word could choose")
    test = of_tests()
    if any(lane.needs for lane in chosen):
        packages.ensure_debian(packages.FOR_TESTS)
    results = []
    try:
        for lane in chosen:
            results.append((lane, *timed(lane, test, word)))
            if lane.name == "build" and results[-1][1].failed:
                break
    finally:
        environment.down(test)
    before = keep_times(test, results) if word is None else {}
    return summary(results, before)


WORD = re.compile(r"\w+")


def of_tests() -> Settings:
    """The environment of the tests, inside the state folder, with its folder for logs."""
    test = settings.load(instances=2, state=ROOT / ".state" / "test",
                         port_base=settings.number_from_environment("TOEGANG_TEST_PORT_BASE", 8300, 1024, 65400))
    test.logs.mkdir(parents=True, exist_ok=True)
    return test


def write_schemas() -> int:
    """Writes the `schema.sql` of each service anew: by the very test that compares them."""
    test = of_tests()
    packages.ensure_debian(packages.FOR_TESTS)
    try:
        with step("build of the tests"):
            if swift_build(test, ordinary(test), "--build-tests") != 0:
                raise Failure(f"the build failed; its output is in {test.logs / 'build.log'}")
        prepare("parts", test)
        result = swift_tests(test, ordinary(test), TESTS / "Contract", ["ContractTests"], "SchemaTests",
                             {"TOEGANG_WRITE_SCHEMAS": "1"})
    finally:
        environment.down(test)
    if result.failed or not result.passed:
        raise Failure(f"not every schema.sql could be written; the output is in {test.logs / 'tests-contract.log'}")
    say("the file schema.sql of each service is what its migrations make")
    return 0


def keep_times(test: Settings, results: list[tuple[Lane, Result, float]]) -> dict[str, float]:
    """Writes down how long each lane took, a line a run; returns what each took when it last passed."""
    file = test.state / "times.jsonl"
    before: dict[str, float] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        try:
            before.update(json.loads(line)["passed"])
        except (ValueError, KeyError, TypeError):
            continue
    passed = {lane.name: round(seconds, 1) for lane, result, seconds in results if not result.failed}
    failed = [lane.name for lane, result, _ in results if result.failed]
    with file.open("a", encoding="utf-8") as opened:
        opened.write(json.dumps({"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                                 "configuration": test.configuration, "passed": passed, "failed": failed}) + "\n")
    return before


def timed(lane: Lane, test: Settings, word: str | None) -> tuple[Result, float]:
    say(f"== {lane.name}: {lane.what}")
    begin = time.monotonic()
    try:
        if lane.needs:
            prepare(lane.needs, test)
        result = lane.run(test, word) if lane.runs_tests else lane.run(test)
    except (Failure, OSError) as failure:
        say(str(failure))
        result = Result(failed=1)
    if result.passed + result.failed == 0 and word is None:
        say("no test ran, which counts as a failure")
        result.failed += 1
    if STRICT and result.skipped:
        say(f"{result.skipped} tests were skipped, which counts as a failure here")
        result.failed += result.skipped
    seconds = time.monotonic() - begin
    say(f"== {lane.name}: {result.passed} passed, {result.failed} failed, {result.skipped} skipped, {seconds:.0f} s")
    return result, seconds


def summary(results: list[tuple[Lane, Result, float]], before: dict[str, float]) -> int:
    say()
    for lane, result, seconds in results:
        verdict = "FAILED" if result.failed else "ok"
        last = f" (last time {before[lane.name]:.0f} s)" if lane.name in before else ""
        say(f"  {lane.name:<12} {result.passed:>5} passed {result.failed:>4} failed {result.skipped:>4} skipped "
            f"{seconds:>6.0f} s  {verdict}{last}")
    total = sum((result for _, result, _ in results), Result())
    if total.passed + total.failed == 0:
        say("no test has such a name, which counts as a failure")
        total.failed += 1
    say()
    say(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed else 0


# What a lane needs


def prepare(needs: str, test: Settings) -> None:
    """A PostgreSQL and a broker ("parts"), or the whole suite in two instances behind a load balancer ("suite")."""
    if needs == "suite":
        environment.up(test, introduce=False)
        return
    with environment.alone(test):
        supervisor.ensure(test)
        settings.keep(test)
        postgres.start(test)
        if test.foreign_kafka is None:
            broker.start(test)


# The lanes


def formatting(_: Settings) -> Result:
    """Format and lint in one: the linter of Swift's own formatter, every finding an error."""
    places = ["Package.swift", "Services", "Shared", "Tests"]
    command = ["swift", "format", "lint", "--strict", "--recursive", "--parallel", *places]
    return one(stream(command, line=say) == 0)


def rooms(_: Settings) -> Result:
    """What rooms and targets may import, the one type of lock, one way to record acts, errors that nobody explains.

    What is planted is found.
    """
    result = Result()
    for check in ("rooms.py", "targets.py", "locks.py", "acts.py", "runbook.py"):
        for options in ([], ["--self-test"]):
            result += one(stream([sys.executable, DEPLOY / "checks" / check, *options], line=say) == 0)
    return result


def building(test: Settings) -> Result:
    """Everything once: the executables that the suite runs and the tests share this build."""
    packages.ensure_debian(packages.FOR_RUNNING)
    return one(swift_build(test, ordinary(test), "--build-tests") == 0)


def imports(test: Settings) -> Result:
    """Built again with the compiler's check of imports, which sees only modules that are built already."""
    check = ("--explicit-target-dependency-import-check", "error")
    return one(swift_build(test, ordinary(test), "--build-tests", *check) == 0)


def folder_lane(name: str, what: str, needs: str = "") -> Lane:
    """Runs whatever tests lie in a folder of Tests."""
    def run_lane(test: Settings, word: str | None) -> Result:
        folder = TESTS / name
        names = targets(folder)
        result = swift_tests(test, ordinary(test), folder, names, word) if names else Result()
        if any(folder.glob("test_*.py")):
            result += python_tests(test, folder, word)
        return result
    return Lane(name.lower(), what, run_lane, needs, runs_tests=True)


LANES = [
    Lane("format", "format and lint", formatting),
    Lane("rooms", "what each room of a service and each target may import", rooms),
    Lane("build", "everything, warnings as errors", building),
    Lane("imports", "each target imports only what it declares", imports),
    folder_lane("Unit", "rules and state machines, no input or output"),
    folder_lane("Contract", "what services promise each other", "parts"),
    folder_lane("Integration", "one service or module over a real PostgreSQL and broker", "parts"),
    folder_lane("Interop", "agreement with programs that others wrote", "parts"),
    folder_lane("Browser", "the personas' journeys in Chromium", "suite"),
    folder_lane("System", "all processes, two of each", "suite"),
    folder_lane("Faults", "processes killed, logs lost", "suite"),
    Lane("sanitizers", "unit and integration tests under AddressSanitizer and ThreadSanitizer, in builds of their own",
         sanitizers.run, "parts", runs_tests=True, only_by_name=True),
]
