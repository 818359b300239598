"""One client opens more connections than a service has places for, and says nothing or dawdles; others go on."""

import contextlib
import resource
import socket
import time
import urllib.request

import pytest

from support import journey, people, suite
from tooling.settings import AUTHENTICATION, PORTAL, SERVICES

MANY = 1100
# An address of the loopback network that nobody else calls from.
STRANGER = "127.0.0.2"


@contextlib.contextmanager
def opened(service, first_bytes: bytes = b""):
    """So many connections of a stranger to a service; those that were closed meanwhile are not opened again."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    address = ("127.0.0.1", suite.current().instance_port(service, 1))
    connections = []
    try:
        for _ in range(MANY):
            connection = socket.create_connection(address, timeout=5, source_address=(STRANGER, 0))
            connection.sendall(first_bytes)
            connections.append(connection)
        yield connections
    finally:
        for connection in connections:
            connection.close()


def is_fast(url: str) -> bool:
    begin = time.monotonic()
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.status == 200 and time.monotonic() - begin < 5


@pytest.mark.parametrize("first_bytes", [
    b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    b"POST /back-channel-logout HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 1000\r\n\r\nlogout_token="], ids=["idle", "half a head", "half a body"])
def test_everybody_else_is_served_while_a_stranger_holds_all_connections(first_bytes):
    here = suite.current()
    with opened(PORTAL, first_bytes), opened(AUTHENTICATION, first_bytes):
        for service in SERVICES:
            assert is_fast(f"{here.health_url(service, 1)}/health/live")
            assert is_fast(f"{here.health_url(service, 1)}/health/ready")
            assert is_fast(f"{here.instance_url(service, 1)}/openapi.yaml")
        journey.enter(people.fresh()[0])


def test_a_body_that_does_not_come_closes_its_connection_within_its_deadline():
    address = ("127.0.0.1", suite.current().instance_port(PORTAL, 1))
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(b"POST /back-channel-logout HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na")
        begin = time.monotonic()
        while connection.recv(4096):
            pass
        assert time.monotonic() - begin < 15


def test_a_request_without_a_host_is_refused():
    address = ("127.0.0.1", suite.current().instance_port(PORTAL, 1))
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")
