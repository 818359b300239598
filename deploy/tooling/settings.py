"""Where things lie and which ports they use: the one place that reads the environment."""

import json
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


class Failure(Exception):
    """Something the person at the keyboard has to know: the text says what happened and what to do."""


@dataclass(frozen=True)
class Service:
    """One of the five processes: its executable, its folder, and what it owns."""

    name: str
    offset: int
    schema: str

    @property
    def short(self) -> str:
        """The name without its ending: client id, event source, name of the configuration template."""
        return self.name.removesuffix("-service")

    @property
    def role(self) -> str:
        return f"{self.schema}_app"


PORTAL = Service("portal-service", 0, "portal")
AUTHENTICATION = Service("authentication-service", 1, "authentication")
PROFILE_RESOLUTION = Service("profile-resolution-service", 2, "profile_resolution")
MANDATE_REGISTRY = Service("mandate-registry-service", 3, "mandate_registry")
ORGANISATION_RIGHTS = Service("organisation-rights-service", 4, "organisation_rights")

SERVICES = [AUTHENTICATION, PROFILE_RESOLUTION, ORGANISATION_RIGHTS, MANDATE_REGISTRY, PORTAL]
"""In the order in which their demo files depend on each other."""

DATABASE = "toegang"
OWNER_ROLE = "toegang_owner"


def service_named(name: str) -> Service:
    """The service with that executable name or short name."""
    for service in SERVICES:
        if name in (service.name, service.short):
            return service
    known = ", ".join(service.name for service in SERVICES)
    raise Failure(f"there is no service called {name!r}; there are {known}")


@dataclass(frozen=True)
class Settings:
    """One environment: its state folder, its ports, how its programs are built."""

    state: Path
    port_base: int
    instances: int
    configuration: str
    foreign_kafka: str | None

    @property
    def postgres_port(self) -> int:
        return self.port_base + 10

    @property
    def kafka_port(self) -> int:
        return self.port_base + 11

    @property
    def statistics_port(self) -> int:
        """Where HAProxy shows what it knows, when it runs."""
        return self.port_base + 12

    @property
    def environment(self) -> str:
        """The id of this installation: no other environment of this machine has its ports, or its events."""
        return f"development-{self.port_base}"

    @property
    def kafka_bootstrap(self) -> str:
        return self.foreign_kafka or f"127.0.0.1:{self.kafka_port}"

    def public_port(self, service: Service) -> int:
        """The port in a service's address: of the service itself, or of the load balancer before its instances."""
        return self.port_base + service.offset

    def instance_port(self, service: Service, instance: int) -> int:
        """The port that one instance listens on (instances count from 1)."""
        if self.instances == 1:
            return self.public_port(service)
        return self.port_base + 20 + 10 * (instance - 1) + service.offset

    def health_port(self, service: Service, instance: int) -> int:
        """Where one instance answers those who run it: health and metrics."""
        return self.port_base + 50 + 10 * (instance - 1) + service.offset

    def instance_name(self, service: Service, instance: int) -> str:
        return service.name if self.instances == 1 else f"{service.name}-{instance}"

    def url(self, service: Service) -> str:
        return f"http://localhost:{self.public_port(service)}"

    def instance_url(self, service: Service, instance: int) -> str:
        return f"http://localhost:{self.instance_port(service, instance)}"

    def health_url(self, service: Service, instance: int) -> str:
        return f"http://localhost:{self.health_port(service, instance)}"

    @property
    def secrets(self) -> Path:
        return self.state / "secrets"

    @property
    def config(self) -> Path:
        return self.state / "config"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def run(self) -> Path:
        return self.state / "run"

    @property
    def data(self) -> Path:
        """Where PostgreSQL and the broker keep their files, which run as other users."""
        return _where_others_reach(self.state / "data")

    @property
    def tools(self) -> Path:
        """What was downloaded for this checkout: kept by `reset`, shared by every environment of the checkout."""
        return _where_others_reach(ROOT / ".state" / "tools")

    @property
    def products(self) -> Path:
        """The folder with the built executables."""
        return ROOT / ".build" / self.configuration

    def executable(self, service: Service) -> Path:
        return self.products / service.name


def _where_others_reach(folder: Path) -> Path:
    """That folder, or one named after it under /var/tmp when other users cannot reach it (a closed home folder)."""
    if os.geteuid() != 0 or _reachable_by_all(folder.parent):
        return folder
    return Path("/var/tmp") / ("toegang" + str(folder).replace("/", "-"))


def _reachable_by_all(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in [folder, *folder.parents] if part.exists())


def number_from_environment(name: str, default: int, smallest: int, largest: int) -> int:
    """The number in an environment variable, or the default when it is not set."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not smallest <= int(text) <= largest:
        raise Failure(f"{name} is {text!r}; it has to be a number from {smallest} to {largest}")
    return int(text)


def load(instances: int | None = None, state: Path | None = None, port_base: int | None = None) -> Settings:
    """The settings of this run: what the caller says, else the environment, else what the last `up` used."""
    configuration = os.environ.get("TOEGANG_CONFIGURATION", "release")
    if configuration not in ("release", "debug"):
        raise Failure(f"TOEGANG_CONFIGURATION is {configuration!r}; it has to be release or debug")
    state = (state or Path(os.environ.get("TOEGANG_STATE") or ROOT / ".state")).absolute()
    kept = _kept(state / "run" / "settings.json")
    return Settings(
        state=state,
        port_base=port_base or number_from_environment(
            "TOEGANG_PORT_BASE", kept.get("portBase", 8100), 1024, 65400),
        instances=instances or kept.get("instances", 1),
        configuration=configuration,
        foreign_kafka=os.environ.get("TOEGANG_KAFKA_BOOTSTRAP") or kept.get("foreignKafka"),
    )


def _kept(file: Path) -> dict:
    """What the last `up` remembered; nothing when there was none, or when its file cannot be read any more."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def keep(settings: Settings) -> None:
    """Remembers with which settings the environment was started, for `status`, `logs` and the next `up`."""
    write_whole(settings.run / "settings.json", json.dumps({
        "portBase": settings.port_base, "instances": settings.instances, "foreignKafka": settings.foreign_kafka}))


def write_whole(file: Path, text: str) -> None:
    """Writes a file so that whoever reads it meets the old text or the new one, also after a power cut."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)


def unprivileged_user(*names: str) -> str | None:
    """The first of these users that exists, when we are root; None when we are somebody else already."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in names:
        if name in known:
            return name
    raise Failure(f"none of the users {', '.join(names)} exists on this machine")


def give_to(user: str | None, folder: Path, mode: int = 0o700) -> None:
    """Makes the folder, and its owner that user."""
    folder.mkdir(parents=True, exist_ok=True)
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    folder.chmod(mode)
