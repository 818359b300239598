"""Two instances of each service behind one address: whichever answers, and whichever dies."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import api, journey, people, suite, tokens
from tooling import balancer, status
from tooling.settings import MANDATE_REGISTRY, PROFILE_RESOLUTION, SERVICES


def whole_journey(holder: people.Someone, grantor: people.Someone, street: str) -> None:
    """Signs in, chooses, searches, opens the grantor's dossier, changes it, and signs out."""
    visit = journey.enter(holder)
    visit.at("Mandaatgever zoeken")
    visit.open_grantor(grantor.last_name)
    visit.follow("Contactgegevens wijzigen")
    form = visit.form_with("street")
    visit.send(form, form.buttons[0], {"street": street})
    visit.says("Contactgegevens bewaard")
    visit.says(street)
    visit.press("Afmelden")


@pytest.fixture
def pair():
    """New people for each test: an app code works once, so a second sign-in of the same person has to wait."""
    holder, grantor = people.fresh(2)
    people.care_provider(grantor.national_number, grantor.last_name)
    people.mandate(grantor, holder)
    return holder, grantor


def test_both_instances_of_each_service_answer_behind_one_address(pair):
    here = suite.current()
    assert here.instances == 2
    for service in SERVICES:
        for instance in (1, 2):
            assert status.is_ready(here.health_url(service, instance))
    for number in range(2):
        whole_journey(*pair, f"Tweelingstraat {number}")
    # Round robin: over two journeys each instance has had requests, which its own log shows.
    for service in SERVICES:
        for instance in (1, 2):
            log = here.logs / f"{here.instance_name(service, instance)}.log"
            assert '"route"' in log.read_text(), f"{log.name} shows no request"


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "asked-to-end"])
@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_journey_goes_on_while_one_instance_is_killed_or_asked_to_end(pair, service, ending):
    """An open session and its tab are carried on by the other instance."""
    holder, grantor = pair
    visit = journey.enter(holder)
    visit.open_grantor(grantor.last_name)
    page = visit.url
    failures: list[str] = []
    done = threading.Event()
    answered = 0

    def read_on() -> None:
        nonlocal answered
        while not done.is_set():
            visit.open(page)
            if visit.status != 200 or grantor.last_name not in visit.page.text:
                failures.append(visit.describe())
                return
            answered += 1

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        time.sleep(0.2)
        for instance in (1, 2):
            name = suite.current().instance_name(service, instance)
            gone = suite.kill(name, ending)
            suite.wait_for(lambda: suite.pid_of(name) not in (None, gone), 30, f"a new {name}")
            url = suite.current().health_url(service, instance)
            suite.wait_for(lambda: status.is_ready(url), 60, f"readiness of {url}")
            suite.wait_for(lambda: balancer.states(suite.current())[name] == "UP", 20, f"HAProxy's trust in {name}")
    finally:
        done.set()
        reader.join()
    assert not failures, failures[0]
    assert answered > 5
    visit.follow("Contactgegevens wijzigen")
    form = visit.form_with("street")
    visit.send(form, form.buttons[0], {"street": f"Na {service.short} 1"})
    visit.says(f"Na {service.short} 1")


def test_a_refresh_token_works_at_either_instance_as_often_as_it_is_needed(pair):
    own = tokens.of(pair[0])
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: own.new_for(PROFILE_RESOLUTION), range(16)))
    assert len(set(got)) == 16
    for token in got:
        assert api.call(PROFILE_RESOLUTION, "GET", "/me/profiles", token=token).status == 200
    assert api.call(MANDATE_REGISTRY, "GET", "/mandates/given", token=got[0]).status == 401, "one audience each"
