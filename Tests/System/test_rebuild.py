"""A projection that is built anew: what `rebuild` refuses, what it forgets, and that the next start learns it all again."""

import subprocess

import pytest

from support import suite
from tooling import demo, environment, supervisor
from tooling.settings import PROFILE_RESOLUTION

WHAT_IS_KNOWN = """
    SELECT id, version, holder_person_id, status FROM profile_resolution.known_mandate ORDER BY id"""
APPLIED = "SELECT coalesce(sum(sequence), 0) FROM profile_resolution.position WHERE projection = 'mandates'"


def rebuild(projection: str) -> subprocess.CompletedProcess:
    here = suite.current()
    config = here.config / f"{here.instance_name(PROFILE_RESOLUTION, 1)}.json"
    return subprocess.run([here.executable(PROFILE_RESOLUTION), "rebuild", projection, "--config", str(config)],
                          capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)


@pytest.fixture
def stopped():
    """No instance of profile-resolution-service runs; afterwards all run again."""
    here = suite.current()
    supervisor.stop(here, [here.instance_name(PROFILE_RESOLUTION, instance) for instance in (1, 2)])
    yield
    environment.start_services(suite.current())


def test_a_projection_at_work_is_not_rebuilt():
    answer = rebuild("mandates")
    assert answer.returncode == 1
    assert "stop the service's instances first" in answer.stderr
    assert int(suite.psql(APPLIED)[0]) > 0


def test_a_name_that_no_projection_has_is_answered_with_those_there_are():
    answer = rebuild("mandaten")
    assert answer.returncode == 1
    assert 'no projection "mandaten"; there are: organisation-rights, mandates' in answer.stderr


def test_a_rebuilt_projection_knows_again_what_it_knew(stopped):
    before, applied = suite.psql(WHAT_IS_KNOWN), int(suite.psql(APPLIED)[0])
    assert before and applied > 0
    answer = rebuild("mandates")
    assert answer.returncode == 0, answer.stderr
    assert suite.psql(WHAT_IS_KNOWN) == [] and int(suite.psql(APPLIED)[0]) == 0
    environment.start_services(suite.current())
    suite.wait_for(lambda: demo.caught_up(suite.current()), 60, "that the mandates are known again")
    assert suite.psql(WHAT_IS_KNOWN) == before
    assert int(suite.psql(APPLIED)[0]) == applied
