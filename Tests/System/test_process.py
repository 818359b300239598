"""A service as the person who runs it meets it: what it says when it cannot start, and how it stops."""

import json
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request

import pytest

from support import suite
from tooling.settings import ORGANISATION_RIGHTS


def config_path():
    here = suite.current()
    return here.config / f"{here.instance_name(ORGANISATION_RIGHTS, 1)}.json"


def run(*arguments, timeout=60, **environment):
    """Runs the service's executable to its end, with keys set by the environment."""
    executable = suite.current().executable(ORGANISATION_RIGHTS)
    return subprocess.run(
        [executable, *arguments, "--config", str(config_path())], capture_output=True, text=True, timeout=timeout,
        stdin=subprocess.DEVNULL, env={**os.environ, **environment})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return None, ""


def test_check_config_has_nothing_to_say_about_the_development_configuration():
    answer = run("check-config")
    assert answer.returncode == 0, answer.stdout
    assert answer.stdout.strip() == "The configuration of organisation-rights can be used."


def test_check_config_names_every_problem_at_once():
    answer = run("check-config", TOEGANG_DATABASE_PORT="many", TOEGANG_BASE_URL="nowhere",
                 TOEGANG_CLIENT_KEY_FILE="/nowhere/key.pem")
    assert answer.returncode == 2
    for sentence in ('database.port: must be a whole number from 1 to 65535, and is "many"',
                     "baseUrl: must be an address", 'clientKeyFile: the file "/nowhere/key.pem" cannot be read'):
        assert sentence in answer.stdout


def test_a_database_that_is_down_at_start_is_said_so_and_nothing_is_started():
    answer = run("serve", TOEGANG_DATABASE_PORT=str(free_port()), TOEGANG_DATABASE_START_DEADLINE_SECONDS="1",
                 TOEGANG_HTTP_PORT="0", TOEGANG_HEALTH_PORT="0")
    assert answer.returncode == 1
    assert "did not answer" in answer.stderr and "Nothing was started." in answer.stderr
    assert "Check that PostgreSQL runs there" in answer.stderr


def test_migrating_again_changes_nothing():
    answer = run("migrate")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == "The schema organisation_rights is up to date."


def test_a_service_answers_its_operators_and_stops_with_status_0_when_asked():
    port, health_port = free_port(), free_port()
    executable = suite.current().executable(ORGANISATION_RIGHTS)
    process = subprocess.Popen(
        [executable, "serve", "--config", str(config_path())], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, stdin=subprocess.DEVNULL, env={
            **os.environ, "TOEGANG_HTTP_PORT": str(port), "TOEGANG_HEALTH_PORT": str(health_port),
            "SWIFT_BACKTRACE": "enable=yes"})
    try:
        base, health = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{health_port}"
        suite.wait_for(lambda: fetch(health + "/health/ready")[0] == 200, 30, "readiness")
        status, live = fetch(health + "/health/live")
        assert (status, json.loads(live)) == (200, {"status": "live"})
        status, ready = fetch(health + "/health/ready")
        assert json.loads(ready)["ready"] is True
        assert {"database", "keys"} <= {check["name"] for check in json.loads(ready)["checks"]}
        assert all(fetch(base + path)[0] == 404 for path in ("/health/live", "/health/ready", "/metrics"))
        fetch(base + "/openapi.yaml")
        status, metrics = fetch(health + "/metrics")
        assert status == 200 and "# TYPE http_server_requests_total counter" in metrics
        status, document = fetch(base + "/openapi.yaml")
        assert status == 200 and document.startswith("openapi: 3.1")
        status, problem = fetch(base + "/me/organisations?nationalNumber=85073099091")
        assert status == 401 and json.loads(problem)["code"] == "token.missing"
    finally:
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=40)
    assert process.returncode == 0, errors
    lines = [json.loads(line) for line in output.splitlines()]
    assert {"Listening", "Health and metrics", "Stopped"} <= {line["message"] for line in lines}
    assert any(line["message"].startswith("Crash backtraces are on") for line in lines)
    assert not any("85073099091" in line for line in output.splitlines())
    assert any(line["message"] == "Request answered" and line["status"] == "401" for line in lines)


EXIT_HANDLERS_RAN = "final number of relocations"
"""What the dynamic linker prints when the C library runs its exit handlers, and only then."""


@pytest.mark.parametrize(("status", "arguments", "wrong"), [
    (0, ["migrate"], {}),
    (0, ["check-config"], {}),
    (2, ["check-config"], {"TOEGANG_DATABASE_PORT": "many"}),
    (1, ["migrate"], {"TOEGANG_DATABASE_PORT": "1", "TOEGANG_DATABASE_START_DEADLINE_SECONDS": "1"}),
    (64, ["serve", "--nonsense"], {}),
])
def test_no_process_ends_through_exit_handlers_that_threads_of_connections_would_race_with(status, arguments, wrong):
    assert EXIT_HANDLERS_RAN in subprocess.run(
        ["/bin/true"], capture_output=True, text=True, env={"LD_DEBUG": "statistics"}).stderr
    answer = run(*arguments, LD_DEBUG="statistics", **wrong)
    assert answer.returncode == status, answer.stdout + answer.stderr
    assert "number of relocations" in answer.stderr, "the linker's own figures have to be there"
    assert EXIT_HANDLERS_RAN not in answer.stderr
