"""`up`, `down` and `reset`: from an empty machine to a running suite, as often as one likes."""

import contextlib
import fcntl
import shutil
import socket
from collections.abc import Iterator
from hashlib import sha256

from . import balancer, broker, configuration, demo, packages, postgres, status, supervisor
from .processes import holder_of_port
from .settings import SERVICES, Failure, Service, Settings, keep, load
from .terminal import progress, run, say, step, stream, wait_until

NESTED = ("test", "bench")
"""Environments of their own inside the state folder: of the test lanes and of the measurements."""


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Only one `up`, `down` or `reset` works on a state folder at a time."""
    settings.state.mkdir(parents=True, exist_ok=True)
    with (settings.state / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another deploy/dev is at work here; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def up(settings: Settings, introduce: bool = True) -> None:
    """Does what is missing, and only that, until every service is ready and the demo data is loaded."""
    packages.ensure_debian(packages.FOR_RUNNING)
    build(settings)
    with alone(settings):
        stop_what_does_not_belong(settings)
        supervisor.ensure(settings)
        check_ports(settings)
        keep(settings)
        for name in ("postgres", "broker", "haproxy", *instance_names(settings)):
            supervisor.rotate(settings.logs / f"{name}.log")
        with step("PostgreSQL and broker"):
            postgres.start(settings)
            if settings.foreign_kafka is None:
                broker.start(settings)
        with step("migrations"):
            for service in SERVICES:
                migrate(settings, service)
        with step("services"):
            start_services(settings)
        demo.load(settings)
    if introduce:
        status.introduce(settings)


def build(settings: Settings) -> None:
    """Builds the five executables; SwiftPM itself knows what has changed."""
    if shutil.which("swift") is None:
        raise Failure("there is no `swift` on the path; Toegang needs a Swift 6.3 toolchain")
    command = ["swift", "build", "-c", settings.configuration]
    log = settings.logs / "build.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with step(f"swift build ({settings.configuration})"):
        exit_status = stream(command, log=log, line=progress())
    if exit_status != 0:
        tail = "\n".join(line for line in log.read_text().splitlines() if "error:" in line)[-4000:]
        raise Failure(f"{' '.join(command)} failed; the whole output is in {log}\n{tail}")


def instance_names(settings: Settings) -> list[str]:
    return [settings.instance_name(service, instance)
            for service in SERVICES for instance in range(1, settings.instances + 1)]


def stop_what_does_not_belong(settings: Settings) -> None:
    """Ends instances of an earlier `up` with another number of instances."""
    wanted = {"postgres", *instance_names(settings)}
    if settings.foreign_kafka is None:
        wanted.add("broker")
    if settings.instances > 1:
        wanted.add("haproxy")
    surplus = [name for name, entry in supervisor.running(settings).items() if name not in wanted and entry["pid"]]
    if surplus:
        supervisor.stop(settings, surplus)


def check_ports(settings: Settings) -> None:
    """Says which port is taken by whom before anything is started on it."""
    running = {name for name, entry in supervisor.running(settings).items() if entry["pid"]}
    wanted = {"postgres": settings.postgres_port}
    if settings.foreign_kafka is None:
        wanted["broker"] = settings.kafka_port
    for service in SERVICES:
        for instance in range(1, settings.instances + 1):
            wanted[settings.instance_name(service, instance)] = settings.instance_port(service, instance)
    ports = [(name, port) for name, port in wanted.items() if name not in running]
    ports += [(f"health of {settings.instance_name(service, instance)}", settings.health_port(service, instance))
              for service in SERVICES for instance in range(1, settings.instances + 1)
              if settings.instance_name(service, instance) not in running]
    if settings.instances > 1 and "haproxy" not in running:
        ports += [("haproxy", settings.public_port(service)) for service in SERVICES]
        ports.append(("haproxy", settings.statistics_port))
    taken = [f"port {port} for {name} is taken by {holder_of_port(port) or 'somebody'}"
             for name, port in ports if not is_free(port)]
    if taken:
        raise Failure("\n".join(taken) + "\nSet TOEGANG_PORT_BASE to another number (8100 is the default) and try again.")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def migrate(settings: Settings, service: Service) -> None:
    """Brings a service's schema up to date, unless this very executable has done so."""
    stamp = settings.data / f"{service.schema}.migrated"
    executable = settings.executable(service)
    built = f"{executable.stat().st_mtime_ns} {executable.stat().st_size}"
    if stamp.exists() and stamp.read_text() == built:
        return
    config = configuration.write(settings, service, 1)
    try:
        run([executable, "migrate", "--config", config], what=f"{service.name} migrate")
    except Failure as failure:
        raise Failure(
            f"{failure}\nThe database here was perhaps made by an earlier version that was not released, whose data are "
            "not read: `deploy/dev reset` forgets them, and then this again begins anew.") from None
    stamp.write_text(built)


def start_services(settings: Settings) -> None:
    """Starts every instance, restarts those whose executable or configuration changed, and waits until all are ready."""
    if settings.instances > 1:
        balancer.start(settings)
    for service in SERVICES:
        for instance in range(1, settings.instances + 1):
            start_service(settings, service, instance)
    for service in SERVICES:
        for instance in range(1, settings.instances + 1):
            url = settings.health_url(service, instance)
            log = settings.logs / f"{settings.instance_name(service, instance)}.log"
            wait_until(lambda: status.is_ready(url), 60, f"readiness of {service.name} (its log: {log})")
        wait_until(lambda: status.answers(settings.url(service)), 20, f"an answer of {settings.url(service)}")


def start_service(settings: Settings, service: Service, instance: int) -> None:
    config = configuration.write(settings, service, instance)
    executable = settings.executable(service)
    name = settings.instance_name(service, instance)
    fingerprint = sha256(config.read_bytes() + str(executable.stat().st_mtime_ns).encode()).hexdigest()
    supervisor.run(settings, supervisor.Program(
        name=name, arguments=[str(executable), "serve", "--config", str(config)],
        log=str(settings.logs / f"{name}.log"), grace=20, fingerprint=fingerprint))


def down(settings: Settings) -> None:
    """Ends what `up` started, and nothing else."""
    with alone(settings):
        supervisor.end(settings)


def reset(settings: Settings) -> None:
    """Ends everything and forgets all data, keys and passwords; what was installed and built stays."""
    with alone(settings):
        supervisor.end(settings)
        for other in NESTED:
            if (settings.state / other).exists():
                reset(load(state=settings.state / other))
        for entry in settings.state.iterdir():
            if entry.name not in ("lock", "tools", "data"):
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        shutil.rmtree(settings.data, ignore_errors=True)
