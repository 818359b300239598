"""What has to be on the machine: Debian packages, and Python packages in the state folder."""

import os
import subprocess
import sys
from pathlib import Path

from .settings import Failure, Settings
from .terminal import run, step

FOR_RUNNING = ["libpq-dev", "librdkafka-dev", "pkg-config", "postgresql", "haproxy", "openssl", "python3-venv",
               "ca-certificates", "tzdata"]
FOR_TESTS = [*FOR_RUNNING, "chromium", "chromium-driver", "fonts-dejavu-core"]


def ensure_debian(names: list[str]) -> None:
    """Installs what is missing, as root; says the command to anybody else."""
    missing = [name for name in names if not _is_installed(name)]
    if not missing:
        return
    command = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0:
        raise Failure(f"these Debian packages are missing; install them as root and run this again:\n  {command}")
    # Debian would start a PostgreSQL cluster and a load balancer of its own, on ports that are not ours to take.
    environment = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    with step(f"installing {len(missing)} Debian packages"):
        _keep_debian_from_making_a_cluster()
        run(["apt-get", "update", "-q"], env=environment, what="apt-get update")
        run(command.split(), env=environment, what=command)


def _is_installed(name: str) -> bool:
    answer = subprocess.run(["dpkg-query", "-W", "-f", "${Status}", name], capture_output=True, text=True)
    return answer.stdout == "install ok installed"


def _keep_debian_from_making_a_cluster() -> None:
    """A machine without PostgreSQL gets its programs, not a cluster; a machine that has one is left as it is."""
    settings = Path("/etc/postgresql-common/createcluster.conf")
    if not settings.exists() and not Path("/usr/lib/postgresql").exists():
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("create_main_cluster = false\n")


def ensure_environment(settings: Settings) -> Path:
    """The Python environment in the state folder; returns its interpreter."""
    interpreter = settings.tools / "python" / "bin" / "python"
    if not interpreter.exists():
        with step("Python environment"):
            run([sys.executable, "-m", "venv", "--clear", settings.tools / "python"], what="python3 -m venv")
    return interpreter


def ensure_python(settings: Settings, requirements: Path) -> Path:
    """Installs a list of pinned Python packages, once per version of the list; returns the interpreter."""
    interpreter = ensure_environment(settings)
    stamp = settings.tools / "python" / f"{requirements.parent.name}.installed"
    wanted = requirements.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        with step(f"Python packages of {requirements.parent.name}"):
            run([interpreter, "-m", "pip", "install", "--quiet", "-r", requirements], what="pip install")
        stamp.write_text(wanted)
    return interpreter
