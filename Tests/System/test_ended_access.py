"""What ended opens nothing: each way of ending, at each API and each of its instances, and how soon."""

import os
import signal
import statistics
import threading
import time
from collections.abc import Callable

import pytest

from support import api, journey, people, suite, tokens
from support.suite import current
from tooling.settings import (AUTHENTICATION, MANDATE_REGISTRY, ORGANISATION_RIGHTS, PORTAL, PROFILE_RESOLUTION,
                              Service)

READS = {PROFILE_RESOLUTION: "/me/profiles", MANDATE_REGISTRY: "/mandates/given",
         ORGANISATION_RIGHTS: "/me/organisations"}
"""An operation of each API that a signed-in person may ask for."""

BOUND = 0.25
"""Within so many seconds an end is refused, 99 times of 100."""


def statuses(service: Service, token: str) -> list[int]:
    """What a token gets at each instance of an API."""
    here = current()
    return [api.call(service, "GET", READS[service], token=token, base=here.instance_url(service, instance)).status
            for instance in range(1, here.instances + 1)]


def is_open(service: Service, token: str) -> bool:
    found = set(statuses(service, token))
    assert found <= {200, 401}, found
    return 200 in found


def userinfo(tokens_of_issuer: str) -> int:
    return api.call(AUTHENTICATION, "GET", "/userinfo", token=tokens_of_issuer).status


def revoke(token: str) -> None:
    answer = api.call(AUTHENTICATION, "POST", "/revoke", form={
        "token": token, "client_id": tokens.CLIENT, "client_assertion_type": api.ASSERTION_TYPE,
        "client_assertion": api.assertion(tokens.CLIENT)})
    assert answer.status == 200, answer.body


class Held:
    """Somebody who is signed in, with a token for each API and one for the issuer."""

    def __init__(self) -> None:
        (self.who,) = people.fresh()
        self.visit = journey.enter(self.who)
        self.tokens = tokens.of(self.who, session=self.visit.session)
        for service in READS:
            assert not statuses(service, self.tokens.at(service)).count(401)
        answer = tokens.ask({"grant_type": "refresh_token", "refresh_token": self.tokens.refresh})
        self.own = answer.json()["access_token"]
        assert userinfo(self.own) == 200

    def sign_out(self) -> None:
        self.visit.press("Afmelden")

    def revoke(self) -> None:
        revoke(self.tokens.refresh)

    def present_the_code_again(self) -> None:
        answer = tokens.ask(self.tokens.exchange)
        assert answer.status == 400 and answer.json()["error"] == "invalid_grant", answer.body

    def disable(self) -> None:
        answer = suite.operate(AUTHENTICATION, "account", "disable", self.who.username)
        assert answer.returncode == 0, answer.stdout + answer.stderr

    def end_sessions(self) -> None:
        answer = suite.operate(AUTHENTICATION, "account", "end-sessions", self.who.username)
        assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.fixture(scope="module")
def bystander() -> Held:
    """Somebody whose access must not end with anybody else's."""
    return Held()


@pytest.mark.parametrize("end", [Held.sign_out, Held.revoke, Held.present_the_code_again, Held.disable,
                                 Held.end_sessions], ids=lambda end: end.__name__)
def test_what_ended_opens_no_api_and_nobody_elses_access_ends(bystander: Held, end: Callable[[Held], None]):
    held = Held()
    end(held)
    for service in READS:
        suite.wait_for(lambda: not is_open(service, held.tokens.at(service)), 3, f"{service.name} refuses")
    assert userinfo(held.own) == 401
    for service in READS:
        assert set(statuses(service, bystander.tokens.at(service))) == {200}
    assert userinfo(bystander.own) == 200


def test_a_revoked_token_ends_alone():
    held = Held()
    for service in READS:
        ended = held.tokens.new_for(service)
        revoke(ended)
        suite.wait_for(lambda: not is_open(service, ended), 3, f"{service.name} refuses")
        assert set(statuses(service, held.tokens.at(service))) == {200}
    revoke(held.own)
    assert userinfo(held.own) == 401


@pytest.mark.parametrize("end", [Held.sign_out, Held.revoke, Held.disable], ids=lambda end: end.__name__)
def test_an_opened_dossier_is_closed_with_the_access_it_was_opened_with(end: Callable[[Held], None]):
    (owner,) = people.fresh()
    people.care_provider(owner.national_number, owner.last_name)
    held = Held()
    people.mandate(owner, held.who)
    own = tokens.of(owner, "Verpleegkundige")
    dossier = api.call(PROFILE_RESOLUTION, "GET", "/me/dossier", token=own.at(PROFILE_RESOLUTION)).json()["dossierId"]
    opened = suite.wait_for(lambda: opened_dossier(held, dossier), 5, "the mandate opens the dossier")
    context, headers = opened.json()["access_token"], {"Toegang-Tab": opened.headers["tab"]}

    def look() -> int:
        return api.call(PROFILE_RESOLUTION, "GET", f"/dossiers/{dossier}", token=context, headers=headers).status

    assert look() == 200
    end(held)
    suite.wait_for(lambda: look() == 401, 3, "the dossier is closed")


def opened_dossier(held: Held, dossier: str) -> api.Answer | None:
    answer = tokens.open_dossier(held.tokens, dossier)
    return answer if answer.status == 200 else None


# How soon


def seconds_until_refused(held: Held, service: Service) -> float:
    """Revokes an access token; the time from the answer to the revocation until no instance takes it any more."""
    token = held.tokens.new_for(service)
    assert set(statuses(service, token)) == {200}
    revoke(token)
    start = time.monotonic()
    while is_open(service, token):
        assert time.monotonic() - start < 5, f"{service.name} does not refuse"
    return time.monotonic() - start


def test_the_time_from_an_end_to_its_refusal_at_each_api(capsys: pytest.CaptureFixture[str]):
    rounds = 100
    found: dict[str, list[float]] = {}

    def measure(service: Service) -> None:
        held = Held()
        found[service.name] = sorted(seconds_until_refused(held, service) for _ in range(rounds))

    threads = [threading.Thread(target=measure, args=(service,)) for service in READS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: len(times) for name, times in found.items()} == {service.name: rounds for service in READS}
    with capsys.disabled():
        for name, times in found.items():
            print(f"\nmeasured ended token -> refused at every instance of {name}: p50 "
                  f"{statistics.median(times) * 1000:.0f} ms, p99 {times[-2] * 1000:.0f} ms of {rounds}", end="")
        print()
    for name, times in found.items():
        assert times[-2] <= BOUND, f"{name}: {times[-5:]}"


# While the source is not heard


def degraded(service: Service) -> list[bool]:
    """Whether each instance of an API says that ends may be missed."""
    here = current()
    health = [api.call(service, "GET", "/health/ready", base=here.health_url(service, instance)).json()
              for instance in range(1, here.instances + 1)]
    assert all(answer["ready"] for answer in health), health
    return [check["status"] == "degraded" for answer in health for check in answer["checks"]
            if check["name"] == "ended-access"]


def test_with_the_broker_away_nobody_else_is_refused_and_an_ended_token_changes_nothing():
    held, other = Held(), Held()
    ended = {service: held.tokens.new_for(service) for service in READS}
    broker = suite.pid_of("broker")
    assert broker is not None
    os.kill(broker, signal.SIGSTOP)
    try:
        for token in ended.values():
            revoke(token)
        for service in READS:
            suite.wait_for(lambda: all(degraded(service)), 25, f"{service.name} shows that it hears nothing")
        for service in READS:
            assert set(statuses(service, ended[service])) == {200}, "reads believe a token until it expires"
            assert set(statuses(service, other.tokens.at(service))) == {200}
        # Nothing is there to stop, which only who was let in reads; authentication-service knows what has ended.
        nothing = "/mandates/00000000-0000-0000-0000-000000000000/stop"
        for token, expected in ((ended[MANDATE_REGISTRY], 401), (other.tokens.at(MANDATE_REGISTRY), 404)):
            assert api.call(MANDATE_REGISTRY, "POST", nothing, token=token).status == expected
    finally:
        os.kill(broker, signal.SIGCONT)
    for service in READS:
        suite.wait_for(lambda: not is_open(service, ended[service]), 20, f"{service.name} refuses")
        suite.wait_for(lambda: not any(degraded(service)), 20, f"{service.name} hears again")
        assert set(statuses(service, other.tokens.at(service))) == {200}
    suite.wait_until_whole()


# What must not sign anybody out


def test_a_stall_of_authentication_signs_nobody_out():
    (who,) = people.fresh()
    visit = journey.enter(who)
    here = current()
    stalled = [suite.pid_of(here.instance_name(AUTHENTICATION, instance)) for instance in range(1, here.instances + 1)]
    assert None not in stalled
    for pid in stalled:
        os.kill(pid, signal.SIGSTOP)
    # The organisation is nobody's. A page is shown while her token lasts, or says that it cannot be shown now; she is
    # not asked to sign in.
    page = f"{here.url(PORTAL)}/organisations/00000000-0000-0000-0000-000000000000"
    tab, asked = journey.tab_of(visit), []
    try:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            tab.open(page)
            asked.append(tab.status)
    finally:
        for pid in stalled:
            os.kill(pid, signal.SIGCONT)
    assert asked and set(asked) <= {404, 502, 503, 504}, asked
    suite.wait_until_ready()

    def is_back() -> bool:
        tab.open(page)
        return tab.status == 404 and tab.has("Afmelden")

    suite.wait_for(is_back, 10, "a page of who was signed in")
