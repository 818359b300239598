"""What an operator reads when a service cannot start, and what it does when it is asked to end."""

import json
import os
import re
import signal
import subprocess
import time

import pytest

from support import suite
from support.suite import current
from tooling.settings import AUTHENTICATION, MANDATE_REGISTRY, PORTAL, PROFILE_RESOLUTION, SERVICES


def run(service, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    here = current()
    config = here.config / f"{here.instance_name(service, 1)}.json"
    return subprocess.run(
        [here.executable(service), *arguments, "--config", str(config)], capture_output=True, text=True, timeout=60,
        stdin=subprocess.DEVNULL, env={**os.environ, "TOEGANG_HTTP_PORT": "0", **environment})


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_database_that_is_down_at_start_is_named_with_what_to_do(service):
    answer = run(service, "serve", TOEGANG_DATABASE_PORT="1", TOEGANG_DATABASE_START_DEADLINE_SECONDS="1")
    said = answer.stdout + answer.stderr
    assert answer.returncode != 0
    assert "127.0.0.1:1" in said
    assert "Check that PostgreSQL runs there" in said


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_good_configuration_passes_its_check_and_a_bad_value_is_named(service):
    assert run(service, "check-config").returncode == 0
    answer = run(service, "check-config", TOEGANG_DATABASE_PORT="many")
    assert answer.returncode != 0
    assert "database.port" in answer.stdout + answer.stderr


@pytest.mark.parametrize("service", [AUTHENTICATION, PORTAL], ids=lambda service: service.name)
def test_a_service_that_people_reach_and_that_believes_no_proxy_is_warned_of_and_may_start(service):
    answer = run(service, "check-config", TOEGANG_BASE_URL="https://care.example", TOEGANG_TRUSTED_PROXIES="")
    assert answer.returncode == 0, answer.stdout
    assert "has one warning:\n  trustedProxies: is empty" in answer.stdout


@pytest.mark.parametrize(("service", "wrong"), [
    (AUTHENTICATION, {"profilePickerUrl": "nowhere", "session.idleSeconds": "0", "password.rounds": "3"}),
    (PROFILE_RESOLUTION, {"mandateRegistryUrl": "nowhere", "formKeyFile": "/nowhere", "functions": "Head Nurse"}),
    (MANDATE_REGISTRY, {"authentication.baseUrl": "nowhere", "housekeeping.intervalSeconds": "0"}),
    (PORTAL, {"services.mandateRegistry": "nowhere", "session.formKeyFile": "/nowhere", "session.idleMinutes": "0"}),
], ids=lambda value: value.name if hasattr(value, "name") else "")
def test_every_wrong_key_of_a_service_is_named_at_once(service, wrong):
    names = {f"TOEGANG_{re.sub(r'(?=[A-Z])', '_', key).replace('.', '_').upper()}": value
             for key, value in wrong.items()}
    answer = run(service, "check-config", **names)
    assert answer.returncode == 2
    for key in wrong:
        assert f"  {key}: " in answer.stdout, answer.stdout


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_migrating_a_schema_that_is_up_to_date_changes_nothing(service):
    before = suite.psql(f"SELECT component, version, checksum FROM {service.schema}.schema_migration ORDER BY 1, 2")
    assert before
    assert run(service, "migrate").returncode == 0
    assert suite.psql(f"SELECT component, version, checksum FROM {service.schema}.schema_migration ORDER BY 1, 2") == before


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_that_is_asked_to_end_ends_in_order_and_soon(service):
    name = current().instance_name(service, 2)
    pid = suite.kill(name, signal.SIGTERM)
    begin = time.monotonic()
    suite.wait_for(lambda: suite.pid_of(name) != pid, 30, f"the end of {name}")
    assert time.monotonic() - begin < 25
    log = (current().logs / "supervisor.log").read_text()
    assert f"{name}: process {pid} ended with 0" in log


@pytest.mark.parametrize(("service", "name", "ring"), [
    (AUTHENTICATION, "TOEGANG_KEYS_SEALING", ("keys", "sealing")),
    (AUTHENTICATION, "TOEGANG_KEYS_NUMBER_INDEX", ("keys", "numberIndex")),
], ids=["sealing", "index"])
def test_a_key_that_rows_need_and_that_is_not_configured_is_named_and_nothing_starts(service, name, ring):
    here = current()
    configured = json.loads((here.config / f"{here.instance_name(service, 1)}.json").read_text())
    for part in ring:
        configured = configured[part]
    _, file = configured[0].split("=", 1)
    without = {name: f"other={file}"}
    checked = run(service, "check-config", **without)
    assert checked.returncode == 2
    assert 'the key "1"' in checked.stdout
    served = run(service, "serve", **without)
    assert served.returncode != 0
    assert 'the key "1"' in served.stdout + served.stderr
    assert "Nothing was started" in served.stdout + served.stderr
