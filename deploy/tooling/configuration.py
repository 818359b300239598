"""Configuration files: the templates of deploy/config with this environment's addresses, keys and passwords.

A value that is exactly "${name}" becomes what the name stands for, with its type; inside a longer text the name
becomes text. An unknown name is an error, so that a template cannot silently ship a placeholder. Names with a colon
ask for something by its name: `url:portal` the address of a service, `key:session` the file of a symmetric key made
for this service, `signing-key:tokens` that of a private P-256 key, `event-key:authentication` that of the Ed25519 key
by which a service signs its events, `audience-key:mandate-registry` the one that all services have of an API,
`jwk:portal` the public key of a client.
"""

import json
import re
from pathlib import Path

from . import secrets
from .settings import DATABASE, DEPLOY, OWNER_ROLE, SERVICES, Failure, Service, Settings

PLACEHOLDER = re.compile(r"\$\{([a-z_:-]+)\}")


def write(settings: Settings, service: Service, instance: int) -> Path:
    """Writes the file of one instance of a service, and returns its path."""
    template = DEPLOY / "config" / f"{service.short}.json"
    names = _names(settings, service, instance)

    def look_up(name: str) -> object | None:
        kind, colon, rest = name.partition(":")
        return _asked_for(settings, service, kind, rest) if colon else names.get(name)

    filled = _fill(json.loads(template.read_text(encoding="utf-8")), look_up, template.name)
    target = settings.config / f"{settings.instance_name(service, instance)}.json"
    settings.config.mkdir(parents=True, exist_ok=True)
    text = json.dumps(filled, indent=2, ensure_ascii=False) + "\n"
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")
    return target


def _names(settings: Settings, service: Service, instance: int) -> dict[str, object]:
    names: dict[str, object] = {
        "http_port": settings.instance_port(service, instance),
        "health_port": settings.health_port(service, instance),
        "base_url": settings.url(service),
        "database_port": settings.postgres_port,
        "database_name": DATABASE,
        "database_user": service.role,
        "database_password_file": str(secrets.password_file(settings, service.role)),
        "owner_user": OWNER_ROLE,
        "owner_password_file": str(secrets.password_file(settings, OWNER_ROLE)),
        "environment": settings.environment,
        "kafka_bootstrap": settings.kafka_bootstrap,
        # The built-in broker does not hold an empty fetch back.
        "pace_fetches": settings.foreign_kafka is None,
        "event_keys_file": str(secrets.event_keys_file(settings)),
        "client_key_file": str(secrets.signing_key_file(settings, f"client-{service.short}")),
        "trusted_proxies": ["127.0.0.1"] if settings.instances > 1 else [],
    }
    return names


def _asked_for(settings: Settings, service: Service, kind: str, name: str) -> object | None:
    match kind:
        case "url":
            return next((settings.url(other) for other in SERVICES if other.short == name), None)
        case "key":
            return str(secrets.symmetric_key_file(settings, f"{service.short}-{name}"))
        case "event-key":
            return str(secrets.event_key_file(settings, name))
        case "audience-key":
            return str(secrets.symmetric_key_file(settings, f"audience-{name}"))
        case "signing-key":
            return str(secrets.signing_key_file(settings, f"{service.short}-{name}"))
        case "jwk":
            return secrets.public_jwk(settings, f"client-{name}")
    return None


def _fill(value: object, look_up, where: str) -> object:
    if isinstance(value, dict):
        return {key: _fill(item, look_up, where) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, look_up, where) for item in value]
    if not isinstance(value, str):
        return value
    whole = PLACEHOLDER.fullmatch(value)
    if whole:
        return _known(whole[1], look_up, where)
    return PLACEHOLDER.sub(lambda match: str(_known(match[1], look_up, where)), value)


def _known(name: str, look_up, where: str) -> object:
    found = look_up(name)
    if found is None:
        raise Failure(f"deploy/config/{where} uses ${{{name}}}, which nothing stands for")
    return found
