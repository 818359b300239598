"""A backup of what services keep, and its way back: the schema of each is what its database is to it."""

import os
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from support import suite
from tooling import environment, postgres, settings, supervisor
from tooling.settings import Service


@dataclass(frozen=True)
class Backup:
    """What some services kept at a moment."""

    services: tuple[Service, ...]
    file: Path

    def put_back(self) -> None:
        """Puts it in the place of what is there now, in one transaction: nobody sees a half of it."""
        roles = ", ".join(f"'{service.role}'" for service in self.services)
        cut = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename IN ({roles});\n"
        forget = "".join(f"DROP SCHEMA {service.schema} CASCADE;\n" for service in self.services)
        text = f"BEGIN;\n{cut}{forget}{self.file.read_text(encoding='utf-8')}\nCOMMIT;\n"
        postgres.psql(suite.current(), text, database=settings.DATABASE)


def take(folder: Path, *services: Service) -> Backup:
    """Takes a backup of some services, as of one moment."""
    here, file = suite.current(), folder / "backup.sql"
    chosen = [word for service in services for word in ("-n", service.schema)]
    answer = subprocess.run(
        [postgres.programs() / "pg_dump", "-h", "127.0.0.1", "-p", str(here.postgres_port), "-U", postgres.SUPERUSER,
         *chosen, "-f", file, settings.DATABASE],
        env={**os.environ, "PGPASSWORD": postgres.password(here, "postgres-superuser")}, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return Backup(services, file)


class Copy:
    """A backup put into a database of its own, and an instance that serves it on the same broker, with the keys."""

    DATABASE = "toegang_copy"

    def __init__(self, backup: Backup, service: Service):
        self.backup, self.service = backup, service
        self.port = suite.current().port_base + 90

    def __enter__(self) -> "Copy":
        here = suite.current()
        postgres.psql(here, f"CREATE DATABASE {self.DATABASE}")
        postgres.psql(here, database=self.DATABASE, sql=(
            f"GRANT CONNECT ON DATABASE {self.DATABASE} TO {self.service.role};\n"
            f"GRANT USAGE ON SCHEMA public TO {self.service.role};\n"
            "CREATE EXTENSION btree_gist SCHEMA public;\nCREATE EXTENSION pg_trgm SCHEMA public;\n"
            + self.backup.file.read_text(encoding="utf-8")))
        config = here.config / f"{here.instance_name(self.service, 1)}.json"
        self.process = subprocess.Popen(
            [here.executable(self.service), "serve", "--config", config], stdin=subprocess.DEVNULL,
            stdout=(here.logs / "copy.log").open("wb"), stderr=subprocess.STDOUT,
            env={**os.environ, "TOEGANG_DATABASE_NAME": self.DATABASE, "TOEGANG_HTTP_PORT": str(self.port),
                 "TOEGANG_HEALTH_PORT": str(self.port + 1), "SWIFT_BACKTRACE": "enable=no"})
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait(20)
        postgres.psql(suite.current(), f"DROP DATABASE {self.DATABASE} WITH (FORCE)")

    def health(self) -> str:
        """What it says of itself; nothing while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port + 1}/health/ready", timeout=2) as answer:
                return answer.read().decode()
        except OSError:
            return ""


def instances(*services: Service) -> list[str]:
    here = suite.current()
    return [here.instance_name(service, number) for service in services for number in range(1, here.instances + 1)]


def stop(*services: Service) -> None:
    supervisor.stop(suite.current(), instances(*services))


def start(*services: Service) -> float:
    """Starts all instances of some services, not waiting until they are ready, and answers the moment before."""
    begin, here = time.monotonic(), suite.current()
    for number in range(1, here.instances + 1):
        for service in services:
            environment.start_service(here, service, number)
    return begin
