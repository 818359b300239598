"""HAProxy before two instances of each service: one address per service, whichever instance answers."""

import csv
import urllib.request
from hashlib import sha256
from pathlib import Path

from . import interruption, supervisor
from .settings import SERVICES, Service, Settings, unprivileged_user

HEAD = """global
    maxconn 4000
    stats timeout 10s
    log stdout format raw local0 notice

defaults
    mode http
    log global
    option dontlognull
    option forwardfor
    option redispatch 1
    retries 3
    timeout connect 1s
    timeout client 60s
    timeout server 60s
    timeout queue 5s
    timeout check 2s
    # A request that only reads may be asked again elsewhere when its instance dies; a change never is.
    retry-on conn-failure empty-response response-timeout 503
"""


def configuration(settings: Settings) -> str:
    """The text of HAProxy's configuration file."""
    parts = [HEAD]
    for service in SERVICES:
        servers = "\n".join(
            f"    server {settings.instance_name(service, instance)} "
            f"127.0.0.1:{settings.instance_port(service, instance)} check "
            f"port {settings.health_port(service, instance)} inter 300ms fall 3 rise 1"
            for instance in range(1, settings.instances + 1))
        errors = "\n".join(f"    errorfile {status} {error_file(settings, service, status)}"
                           for status in interruption.answers(service))
        parts.append(f"""
listen {service.name}
    bind 127.0.0.1:{settings.public_port(service)}
    balance roundrobin
    option httpchk
    http-check send meth GET uri /health/ready ver HTTP/1.1 hdr Host health
    http-request disable-l7-retry unless METH_GET
{errors}
{servers}
""")
    parts.append(f"""
frontend statistics
    bind 127.0.0.1:{settings.statistics_port}
    stats enable
    stats uri /
""")
    return "".join(parts)


def error_file(settings: Settings, service: Service, status: int) -> Path:
    """Where the answer lies that HAProxy gives in a service's place."""
    return settings.data / f"{service.name}-{status}.http"


def write(settings: Settings) -> tuple[Path, str]:
    """Writes all that HAProxy reads; returns its configuration file and what would have to change for a restart."""
    settings.data.mkdir(parents=True, exist_ok=True)
    settings.data.chmod(0o755)
    text = configuration(settings)
    files = {settings.data / "haproxy.cfg": text.encode()}
    for service in SERVICES:
        for status, answer in interruption.answers(service).items():
            files[error_file(settings, service, status)] = answer
    for file, content in files.items():
        file.write_bytes(content)
        file.chmod(0o644)
    return settings.data / "haproxy.cfg", sha256(b"".join(files.values())).hexdigest()


def states(settings: Settings) -> dict[str, str]:
    """What HAProxy thinks of each instance: UP, DOWN, or something between."""
    with urllib.request.urlopen(f"http://127.0.0.1:{settings.statistics_port}/;csv", timeout=5) as answer:
        rows = csv.DictReader(answer.read().decode().removeprefix("# ").splitlines())
        return {row["svname"]: row["status"] for row in rows if row["svname"] not in ("FRONTEND", "BACKEND")}


def start(settings: Settings) -> None:
    """Writes the configuration and has the supervisor run HAProxy with it."""
    file, fingerprint = write(settings)
    supervisor.run(settings, supervisor.Program(
        name="haproxy", arguments=["/usr/sbin/haproxy", "-db", "-f", str(file)],
        log=str(settings.logs / "haproxy.log"), user=unprivileged_user("haproxy", "nobody"), fingerprint=fingerprint))
