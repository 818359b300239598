"""HAProxy before two instances of each service: one address per service, whichever instance answers."""

import csv
import urllib.request

from . import supervisor
from .settings import SERVICES, Settings, unprivileged_user

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
        parts.append(f"""
listen {service.name}
    bind 127.0.0.1:{settings.public_port(service)}
    balance roundrobin
    option httpchk
    http-check send meth GET uri /health/ready ver HTTP/1.1 hdr Host health
    http-request disable-l7-retry unless METH_GET
{servers}
""")
    parts.append(f"""
frontend statistics
    bind 127.0.0.1:{settings.statistics_port}
    stats enable
    stats uri /
""")
    return "".join(parts)


def states(settings: Settings) -> dict[str, str]:
    """What HAProxy thinks of each instance: UP, DOWN, or something between."""
    with urllib.request.urlopen(f"http://127.0.0.1:{settings.statistics_port}/;csv", timeout=5) as answer:
        rows = csv.DictReader(answer.read().decode().removeprefix("# ").splitlines())
        return {row["svname"]: row["status"] for row in rows if row["svname"] not in ("FRONTEND", "BACKEND")}


def start(settings: Settings) -> None:
    """Writes the configuration and has the supervisor run HAProxy with it."""
    settings.data.mkdir(parents=True, exist_ok=True)
    settings.data.chmod(0o755)
    file = settings.data / "haproxy.cfg"
    text = configuration(settings)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)
    supervisor.run(settings, supervisor.Program(
        name="haproxy", arguments=["/usr/sbin/haproxy", "-db", "-f", str(file)],
        log=str(settings.logs / "haproxy.log"), user=unprivileged_user("haproxy", "nobody"), fingerprint=text))
