"""The running suite under test, as `deploy/dev test` set it up."""

import os
import signal
import subprocess
import time
from pathlib import Path

from tooling import demo, processes, settings, status, supervisor
from tooling.settings import SERVICES, Service, Settings

ROOT = settings.ROOT


def current() -> Settings:
    """The settings of the environment that this test run belongs to (TOEGANG_STATE, TOEGANG_PORT_BASE)."""
    return settings.load(state=Path(os.environ["TOEGANG_STATE"]))


def kill(name: str, wanted: int = signal.SIGKILL) -> int:
    """Sends a signal to one supervised process; returns its id."""
    pid = supervisor.running(current())[name]["pid"]
    assert pid is not None, f"{name} does not run"
    os.kill(pid, wanted)
    return pid


def pid_of(name: str) -> int | None:
    return supervisor.running(current()).get(name, {}).get("pid")


def wait_for(condition, seconds: float, what: str, pause: float = 0.02):
    """Looks until the condition gives something true, and returns it; the failure says what was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:g} s"
        time.sleep(pause)


def wait_until_ready(seconds: float = 60) -> None:
    """Waits until every instance of every service says that it is ready."""
    here = current()
    for service in SERVICES:
        for instance in range(1, here.instances + 1):
            url = here.health_url(service, instance)
            wait_for(lambda: status.is_ready(url), seconds, f"readiness of {url}")


def wait_until_whole(seconds: float = 60) -> None:
    """Waits until every instance is ready and nothing of it is degraded: what a test did before has no effect now."""
    here = current()
    for service in SERVICES:
        for instance in range(1, here.instances + 1):
            url = here.health_url(service, instance)
            wait_for(lambda: status.is_whole(url), seconds, f"an end of what is amiss at {url}")


def run_import(service: Service, what: str, file: Path) -> subprocess.CompletedProcess:
    """Runs a service's own import command; the caller looks at the exit status and at the report."""
    here = current()
    config = here.config / f"{here.instance_name(service, 1)}.json"
    return subprocess.run(
        [here.executable(service), "import", what, str(file), "--config", str(config)],
        capture_output=True, text=True, stdin=subprocess.DEVNULL)


def run_command(service: Service, *words: str) -> subprocess.CompletedProcess:
    """Runs one of a service's commands; the caller looks at the status."""
    here = current()
    config = here.config / f"{here.instance_name(service, 1)}.json"
    return subprocess.run(
        [here.executable(service), *words, "--config", str(config)],
        capture_output=True, text=True, stdin=subprocess.DEVNULL)


def operate(service: Service, *words: str) -> subprocess.CompletedProcess:
    """Runs one of a service's commands for operators, as one would on the machine; the caller looks at the status."""
    return run_command(service, *words, "--operator", "the system test")


def psql(sql: str) -> list[str]:
    """Runs SQL as the superuser: only to look, never to change what the services own."""
    from tooling import postgres
    return [line for line in postgres.psql(current(), sql, database=settings.DATABASE).splitlines() if line]


__all__ = ["ROOT", "SERVICES", "current", "demo", "kill", "operate", "pid_of", "processes", "psql", "run_command",
           "run_import", "wait_for", "wait_until_ready"]
