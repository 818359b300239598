"""A portal whose clock is off signs nobody out: all processes run, and the portal's read another time of day.

The shift is preloaded into the process; the product knows nothing of it.
"""

import email.utils
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import journey, people, suite
from tooling import environment, status, supervisor
from tooling.settings import PORTAL

PAGES = ["/welcome", "/mandates", "/organisations"]
"""A page for each API: what it shows needs a token that was got for it."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("clock") / "clock_shift.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", made,
                    Path(__file__).with_name("clock_shift.c")], check=True)
    return made


@pytest.fixture
def shifted(library: Path) -> Iterator:
    """Has each instance of the portal read a time of day that is so many seconds off; afterwards the true one."""
    here = suite.current()
    names = [here.instance_name(PORTAL, instance) for instance in range(1, here.instances + 1)]

    def run(seconds: int) -> None:
        for name in names:
            config = here.config / f"{name}.json"
            program = supervisor.Program(
                name=name, arguments=[str(here.executable(PORTAL)), "serve", "--config", str(config)],
                log=str(here.logs / f"{name}.log"), grace=20, fingerprint=f"clock {seconds}",
                environment={"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(seconds)})
            supervisor.run(here, program)
        suite.wait_until_ready()
        suite.wait_for(lambda: status.answers(here.url(PORTAL)), 20, "that the portal is served again", 0.1)

    yield run
    environment.start_services(here)


def portal_is_ahead() -> float:
    """How far the portal's time of day lies before ours, by the date of its answers."""
    with urllib.request.urlopen(suite.current().url(PORTAL) + "/", timeout=5) as answer:
        return email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()


@pytest.mark.parametrize("seconds", [45, -45], ids=["ahead", "behind"])
def test_a_portal_clock_that_is_off_signs_nobody_out_and_lets_people_in_and_out(shifted, seconds):
    early, late = people.fresh(2)
    visit = journey.enter(early)
    shifted(seconds)
    assert abs(portal_is_ahead() - seconds) < 5
    # Signed in before the clock went off, with tokens for the other APIs still to be got, and then signed in under it.
    for visit in (visit, journey.enter(late)):
        for path in PAGES:
            visit.open(visit.portal + path)
            assert visit.has("Afmelden"), visit.describe()
    visit.press("Afmelden")
    visit.open(f"{visit.portal}/welcome")
    assert not visit.has("Afmelden"), visit.describe()
