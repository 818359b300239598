"""What runs, and how to reach it: for people, and as JSON for programs."""

import json
import urllib.error
import urllib.request

from . import demo, secrets, supervisor
from .settings import DATABASE, PORTAL, SERVICES, Service, Settings
from .terminal import say
from .totp import code, seconds_left


def is_ready(health_url: str) -> bool:
    """Whether an instance says, where it tells its health, that it is ready to work."""
    return _is_ok(f"{health_url}/health/ready")


def is_whole(health_url: str) -> bool:
    """Whether an instance says that it is ready and that nothing of it is degraded."""
    try:
        with urllib.request.urlopen(f"{health_url}/health/ready", timeout=2) as answer:
            return not json.load(answer)["degraded"]
    except (urllib.error.URLError, OSError):
        return False


def answers(url: str) -> bool:
    """Whether a service answers requests at its address, itself or through the load balancer."""
    return _is_ok(f"{url}/openapi.yaml")


def _is_ok(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def described(settings: Settings) -> dict:
    """The environment as programs read it (`status --json`)."""
    running = supervisor.running(settings)
    services = {service.name: _service(settings, service, running) for service in SERVICES}
    pillars = ["postgres"] if settings.foreign_kafka else ["postgres", "broker"]
    ready = all(entry["ready"] for entry in services.values())
    ready = ready and all(running.get(name, {}).get("pid") for name in pillars)
    return {
        "ready": ready,
        "portal": settings.url(PORTAL),
        "services": services,
        "postgres": {
            "host": "127.0.0.1",
            "port": settings.postgres_port,
            "database": DATABASE,
            "roles": {
                service.name: {"user": service.role, "password": secrets.password(settings, service.role)}
                for service in SERVICES
            },
        },
        "kafka": {"bootstrap": settings.kafka_bootstrap},
        "personas": demo.personas(),
    }


def _service(settings: Settings, service: Service, running: dict) -> dict:
    entry = running.get(settings.instance_name(service, 1), {})
    return {"url": settings.url(service), "pid": entry.get("pid"),
            "ready": entry.get("pid") is not None and all(
                is_ready(settings.health_url(service, instance)) for instance in range(1, settings.instances + 1))}


def show(settings: Settings, as_json: bool) -> int:
    """Prints the status; the exit status is 0 when everything is ready."""
    state = described(settings)
    if as_json:
        say(json.dumps(state, indent=2, ensure_ascii=False))
        return 0
    running = supervisor.running(settings)
    for name, entry in sorted(running.items()):
        restarts = f", started {entry['starts']} times" if entry["starts"] > 1 else ""
        say(f"  {name:<34} pid {entry['pid'] or '-'}{restarts}   {entry['log']}")
    for name, entry in state["services"].items():
        say(f"  {name:<34} {entry['url']}   {'ready' if entry['ready'] else 'NOT READY'}")
    say(f"ready: {'yes' if state['ready'] else 'no'}")
    return 0 if state["ready"] else 1


def introduce(settings: Settings) -> None:
    """Where to begin, and who can sign in how."""
    say()
    say(f"Portal: {settings.url(PORTAL)}")
    say("Sign in with the mobile app's code: user name, password, and the six digits that the app shows.")
    say(f"The codes below hold for {seconds_left()} s more; `deploy/dev code <user name>` shows the current one.")
    say()
    for persona in demo.personas():
        say(f"  {persona['name']:<16} {persona['username']:<15} {persona['password']:<28} {code(persona['appSecret'])}")
        say(f"  {'':<16} {persona['story']}")
