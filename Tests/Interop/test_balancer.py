"""HAProxy itself, with the suite's configuration and no instance behind it."""

import dataclasses
import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tooling import balancer, interruption, settings
from tooling.settings import Settings


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Settings]:
    """HAProxy on ports of its own, before instances that nobody started."""
    known = dataclasses.replace(settings.load(instances=2, state=tmp_path), port_base=free_base())
    file, _ = balancer.write(known)
    process = subprocess.Popen(
        ["/usr/sbin/haproxy", "-db", "-f", file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and process.poll() is None and not listens(known):
            time.sleep(0.05)
        assert process.poll() is None, process.stdout.read().decode()
        yield known
    finally:
        process.terminate()
        process.wait(timeout=10)


def free_base() -> int:
    """Ports that nobody has: the lowest of a free range of a hundred."""
    for base in range(21000, 29000, 100):
        if not any(is_taken(base + offset) for offset in (*range(13), *range(20, 35))):
            return base
    raise AssertionError("no free ports")


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def listens(known: Settings) -> bool:
    return is_taken(known.public_port(settings.PORTAL))


def ask(known: Settings, service: settings.Service) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", known.public_port(service), timeout=20)
    try:
        connection.request("POST", "/mandates", body="x")
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


def test_people_read_that_nothing_was_done_in_their_language(alone: Settings) -> None:
    for service in interruption.WITH_PAGES:
        answer, text = ask(alone, service)
        assert answer.status == 503
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Retry-After"] == "2" and answer.headers["Cache-Control"] == "no-store"
        for language, (title, words) in interruption.AWAY.texts.items():
            assert f'lang="{language}"' in text and title in text and words in text


def test_programs_read_the_problem_of_the_contract(alone: Settings) -> None:
    answer, text = ask(alone, settings.MANDATE_REGISTRY)
    problem = json.loads(text)
    assert answer.status == problem["status"] == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["code"] == "service.unavailable" and problem["type"] == "urn:toegang:problem:service.unavailable"


def test_an_answer_that_was_lost_is_not_known() -> None:
    for service in settings.SERVICES:
        for status in (502, 504):
            text = interruption.answers(service)[status].decode()
            assert "service.outcome-unknown" in text or "We weten niet of het gelukt is" in text
            assert "er is niets gewijzigd" not in text
