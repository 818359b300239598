"""One run of a build or of tests: with which options and surroundings, and how it went."""

import os
import re
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field
from pathlib import Path

from . import packages, postgres
from .secrets import password
from .settings import DATABASE, DEPLOY, ROOT, Settings
from .terminal import say, stream

TESTS = ROOT / "Tests"


@dataclass
class Result:
    """How a lane went."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Result") -> "Result":
        return Result(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


def one(passed: bool) -> Result:
    return Result(passed=1) if passed else Result(failed=1)


@dataclass(frozen=True)
class Build:
    """A way to build everything: SwiftPM's options, where the products lie, and what its programs find around them."""

    name: str
    options: tuple[str, ...]
    products: Path
    environment: dict[str, str] = field(default_factory=dict)


def ordinary(test: Settings) -> Build:
    """The build whose executables the suite runs."""
    return Build("", ("-c", test.configuration), test.products)


def log_name(build: Build, what: str) -> str:
    return f"{what}-{build.name}.log" if build.name else f"{what}.log"


def swift_build(test: Settings, build: Build, *options: str) -> int:
    def show(line: str) -> None:
        if " error: " in line or " warning: " in line or line.startswith("error:"):
            say(line)
    command = ["swift", "build", *build.options, *options]
    return stream(command, line=show, log=test.logs / log_name(build, "build"))


def variables(test: Settings, build: Build) -> dict[str, str]:
    """Where the tests find their PostgreSQL, their Kafka and this environment."""
    return {
        "TOEGANG_TEST_POSTGRES": f"postgresql://{postgres.SUPERUSER}:{password(test, 'postgres-superuser')}"
                                 f"@127.0.0.1:{test.postgres_port}/{DATABASE}",
        "TOEGANG_TEST_KAFKA": test.kafka_bootstrap,
        "TOEGANG_NOIDA": str(test.tools / "broker" / "noida-db"),
        "TOEGANG_TEST_PYTHON": str(test.tools / "python" / "bin" / "python"),
        "TOEGANG_TEST_PRODUCTS": str(build.products),
        # All tests of a lane at once would wait for each other's databases longer than their own deadlines allow.
        "SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH": "8",
        "TOEGANG_STATE": str(test.state),
        "TOEGANG_PORT_BASE": str(test.port_base),
        **build.environment,
    }


def targets(folder: Path) -> list[str]:
    """The test targets of a lane: the folders in it that have Swift files."""
    return sorted({path.parent.name for path in folder.glob("*/*.swift")})


RUN_LINE = re.compile(r"Test run with (\d+) tests?(?: in \d+ suites?)? (passed|failed)")
TEST_LINE = re.compile(r"^\S+ Test (?!run with |case )(.+?) (failed after|skipped)")
REPORT_LINE = re.compile(r"^(?:==\d+==)?(?:WARNING|ERROR): \w+Sanitizer: ")
"""The head of a sanitizer's report; what follows it stands in the log."""


def swift_tests(test: Settings, build: Build, folder: Path, names: list[str], word: str | None,
                more: dict[str, str] | None = None) -> Result:
    """Runs some test targets, and counts tests from what Swift Testing says at its end, and a sanitizer's reports."""
    result = Result()
    total = reports = 0
    about = f"tests-{folder.name.lower()}" + (f"-{names[0]}" if len(names) == 1 else "")
    log = test.logs / log_name(build, about)

    def read(line: str) -> None:
        nonlocal total, reports
        if found := RUN_LINE.search(line):
            total += int(found[1])
        elif found := TEST_LINE.search(line):
            if found[2] == "skipped":
                result.skipped += 1
            else:
                result.failed += 1
        if REPORT_LINE.match(line):
            reports += 1
        if line.startswith(("✘", "measured ")) or "recorded an issue" in line or "error:" in line:
            say(line)
        elif line.startswith("SUMMARY: ") or REPORT_LINE.match(line):
            say(line)
        elif line.startswith("    ") and not build.name:
            say(line)

    command = ["swift", "test", *build.options, "--skip-build", "--disable-xctest",
               "--filter", "^(" + "|".join(names) + r")\." + (f".*(?i:{word})" if word else "")]
    status = stream(command, env={**variables(test, build), **(more or {})}, line=read, log=log)
    result.passed = max(0, total - result.failed - result.skipped)
    result.failed += reports
    if reports:
        say(f"{reports} reports of a sanitizer; they stand in {log}")
    if status != 0 and result.failed == 0:
        say(f"swift test ended with exit status {status}; its output is in {log}")
        result.failed = 1
    return result


def python_tests(test: Settings, folder: Path, word: str | None) -> Result:
    """Runs the Python tests of a folder with the pinned packages of Tests/requirements.txt."""
    packages.ensure_debian(packages.FOR_TESTS)
    interpreter = packages.ensure_python(test, TESTS / "requirements.txt")
    report = test.logs / f"tests-{folder.name.lower()}.xml"
    report.unlink(missing_ok=True)
    path = os.pathsep.join([str(DEPLOY), str(TESTS)])
    status = stream(
        [interpreter, "-m", "pytest", "-c", TESTS / "pytest.ini", "--rootdir", TESTS, f"--junitxml={report}",
         *(["-k", word] if word else []), folder],
        env={**variables(test, ordinary(test)), "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}, line=say)
    if not report.exists():
        say(f"pytest ended with exit status {status} and without a report")
        return Result(failed=1)
    suites = xml.parse(report).getroot().iter("testsuite")
    result = Result()
    for suite in suites:
        count = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
        failed = count["failures"] + count["errors"]
        result += Result(max(0, count["tests"] - failed - count["skipped"]), failed, count["skipped"])
    return result
