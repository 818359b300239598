"""HAProxy before two instances of each service: one address per service, whichever instance answers."""

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
    # A request that only reads may be asked again elsewhere when its instance dies; a change never is.
    retry-on conn-failure empty-response response-timeout 503
"""


def configuration(settings: Settings) -> str:
    """The text of HAProxy's configuration file."""
    parts = [HEAD]
    for service in SERVICES:
        servers = "\n".join(
            f"    server {settings.instance_name(service, instance)} "
            f"127.0.0.1:{settings.instance_port(service, instance)} check inter 200ms fall 1 rise 1 "
            f"observe layer4 error-limit 1 on-error mark-down"
            for instance in range(1, settings.instances + 1))
        parts.append(f"""
listen {service.name}
    bind 127.0.0.1:{settings.public_port(service)}
    balance roundrobin
    option httpchk
    http-check send meth GET uri /health/ready
    http-request disable-l7-retry unless METH_GET
{servers}
""")
    return "".join(parts)


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
