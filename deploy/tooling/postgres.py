"""The private PostgreSQL cluster: made once, reached over the loopback with a password, run as its own user."""

import os
import subprocess
from hashlib import sha256
from pathlib import Path

from . import supervisor
from .broker import accepts
from .secrets import password
from .settings import DATABASE, DEPLOY, OWNER_ROLE, SERVICES, Failure, Settings, give_to, unprivileged_user
from .terminal import run, step, wait_until

SUPERUSER = "postgres"

CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
wal_level = logical
max_wal_size = 2GB
shared_buffers = 256MB
password_encryption = 'scram-sha-256'
log_line_prefix = '%m [%p] %q%u@%d '
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
shared_preload_libraries = 'pg_stat_statements'
"""


def programs() -> Path:
    """The newest server programs that Debian has installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if not folders:
        raise Failure("PostgreSQL's server programs are missing: install Debian's package postgresql")
    return folders[-1].parent


def folder(settings: Settings) -> Path:
    return settings.data / "postgres"


def user() -> str | None:
    return unprivileged_user("postgres", "nobody")


def start(settings: Settings) -> None:
    """Makes the cluster when there is none, starts it, and sees that its roles are there."""
    if not (folder(settings) / "PG_VERSION").exists():
        with step("PostgreSQL cluster"):
            make(settings)
    supervisor.run(settings, program(settings))
    wait_until(lambda: answers(settings), 60, "PostgreSQL's start")
    ensure_roles(settings)


def program(settings: Settings) -> supervisor.Program:
    """How the supervisor runs the server: SIGINT is its fast shutdown."""
    return supervisor.Program(
        name="postgres",
        arguments=[str(programs() / "postgres"), "-D", str(folder(settings)), "-p", str(settings.postgres_port)],
        log=str(settings.logs / "postgres.log"), user=user(), stop_signal=2, grace=30)


def make(settings: Settings) -> None:
    """A new cluster with checksums, passwords for everybody, and only the loopback."""
    settings.data.mkdir(parents=True, exist_ok=True)
    settings.data.chmod(0o755)
    give_to(user(), folder(settings))
    give_to(user(), settings.data / "postgres-password")
    secret = settings.data / "postgres-password" / "superuser"
    secret.write_text(password(settings, "postgres-superuser"))
    secret.chmod(0o644)
    as_user = ["setpriv", "--reuid", user(), "--regid", user_group(), "--clear-groups"] if user() else []
    run([*as_user, programs() / "initdb", "-D", folder(settings), "--username", SUPERUSER, "--pwfile", secret,
         "--auth", "scram-sha-256", "--data-checksums", "--encoding", "UTF8", "--locale", "C.UTF-8"],
        cwd=Path("/"), what="initdb")
    with (folder(settings) / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.write(CONFIGURATION)
    secret.unlink()
    secret.parent.rmdir()


def user_group() -> str:
    import grp
    import pwd
    return grp.getgrgid(pwd.getpwnam(user() or "root").pw_gid).gr_name


def answers(settings: Settings) -> bool:
    """Whether the server lets somebody in: an open port is not enough while it recovers."""
    if not accepts(settings.postgres_port):
        return False
    ready = subprocess.run(
        [programs() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(settings.postgres_port)], env=os.environ)
    return ready.returncode == 0


def psql(settings: Settings, sql: str | None = None, *, database: str = "postgres", file: Path | None = None,
         variables: dict[str, str] | None = None) -> str:
    """Runs SQL as the superuser and returns what it printed, rows only; variables go by a file, not by the command."""
    lines = [f"\\set {name} '{value}'" for name, value in (variables or {}).items()]
    lines.append(sql if sql is not None else file.read_text(encoding="utf-8") if file else "")
    return run(
        [programs() / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
         "-p", str(settings.postgres_port), "-U", SUPERUSER, "-d", database, "-f", "-"],
        env={"PGPASSWORD": password(settings, "postgres-superuser")}, input="\n".join(lines), what="psql")


def ensure_roles(settings: Settings) -> None:
    """The database, the owner role and one role per service: deploy/sql/roles.sql, run again whenever it or a password changes."""
    if psql(settings, f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'").strip() != "1":
        psql(settings, f"CREATE DATABASE {DATABASE}")
    file = DEPLOY / "sql" / "roles.sql"
    variables = {f"{role}_password": password(settings, role) for role in roles()}
    stamp = folder(settings).parent / "roles.applied"
    wanted = sha256((file.read_text(encoding="utf-8") + repr(sorted(variables.items()))).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    psql(settings, database=DATABASE, file=file, variables=variables)
    stamp.write_text(wanted)


def roles() -> list[str]:
    return [OWNER_ROLE, *(service.role for service in SERVICES)]
