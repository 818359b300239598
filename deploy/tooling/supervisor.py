"""The supervisor: a small process that owns all others and starts again what died, as systemd would.

It listens on an abstract socket named after the state folder and answers one JSON line per connection, to the user
who started it only. It keeps the identities of its children in the state folder, so that `down` finds them even when
the supervisor itself was killed.
"""

import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from . import processes
from .processes import Identity
from .settings import DEPLOY, ROOT, Failure, Settings, write_whole
from .terminal import say, wait_until

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 3.0
STEADY_AFTER = 10.0
# A process that prints a backtrace lives on for a minute and answers nobody meanwhile, and its registers and memory go
# into the log. One that only says what happened is started again at once.
ENVIRONMENT = {"SWIFT_BACKTRACE": "enable=no"}


@dataclass
class Program:
    """What to run and how to end it."""

    name: str
    arguments: list[str]
    log: str
    user: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    stop_signal: int = int(signal.SIGTERM)
    grace: float = 10.0
    fingerprint: str = ""
    """Changes with whatever makes a restart necessary: the executable, the configuration file."""


class Child:
    """A program, the process that runs it now, and when it may be started again."""

    def __init__(self, program: Program):
        self.program = program
        self.process: subprocess.Popen | None = None
        self.identity: Identity | None = None
        self.handle: int | None = None
        self.began = 0.0
        self.pause = FIRST_PAUSE
        self.due: float | None = None
        self.wanted = True
        self.starts = 0

    def start(self) -> None:
        log = open(self.program.log, "ab", buffering=0)
        drop = {}
        if self.program.user is not None:
            drop = {"user": self.program.user, "group": _group_of(self.program.user), "extra_groups": []}
        try:
            self.process = subprocess.Popen(
                self.program.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                env={**ENVIRONMENT, **os.environ, **self.program.environment}, start_new_session=True, **drop)
        finally:
            log.close()
        self.identity = processes.identity_of(self.process.pid)
        self.handle = os.pidfd_open(self.process.pid)
        self.began = time.monotonic()
        self.due = None
        self.starts += 1

    def buried(self) -> None:
        """The process is gone: count how long it lived, and say when the next one may start."""
        assert self.process is not None and self.handle is not None
        status = self.process.wait()
        os.close(self.handle)
        lived = time.monotonic() - self.began
        print(f"{self.program.name}: process {self.process.pid} ended with {status} after {lived:.1f} s", flush=True)
        self.process = self.identity = self.handle = None
        if not self.wanted:
            return
        self.pause = FIRST_PAUSE if lived > STEADY_AFTER else min(self.pause * 2, LONGEST_PAUSE)
        self.due = time.monotonic() + self.pause


def _group_of(user: str) -> int:
    import pwd
    return pwd.getpwnam(user).pw_gid


def address(settings: Settings) -> str:
    """The abstract socket's name: short whatever the length of the path, and different for each state folder.

    The folder itself tells, not its path: in another mount namespace the same path can be another folder.
    """
    settings.state.mkdir(parents=True, exist_ok=True)
    folder = settings.state.stat()
    return "\0toegang-dev-" + sha256(f"{folder.st_dev} {folder.st_ino} {settings.state}".encode()).hexdigest()[:24]


class Supervisor:
    """The loop: requests, deaths and restarts, one at a time."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.children: dict[str, Child] = {}
        self.selector = selectors.DefaultSelector()
        self.ending = False

    def serve(self) -> None:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(address(self.settings))
        listener.listen(16)
        self.selector.register(listener, selectors.EVENT_READ, "listener")
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.end())
        self.keep()
        while not (self.ending and not any(child.process for child in self.children.values())):
            for key, _ in self.selector.select(self.next_due()):
                if key.data == "listener":
                    self.accept(listener)
                else:
                    self.died(key.data)
            self.start_what_is_due()
        (self.settings.run / "processes.json").unlink(missing_ok=True)

    def next_due(self) -> float:
        times = [child.due for child in self.children.values() if child.due is not None]
        return max(0.0, min(times) - time.monotonic()) if times else 1.0

    def died(self, child: Child) -> None:
        self.selector.unregister(child.handle)
        child.buried()
        self.keep()

    def start_what_is_due(self) -> None:
        now = time.monotonic()
        for child in self.children.values():
            if child.wanted and child.process is None and (child.due is None or child.due <= now):
                self.start(child)

    def start(self, child: Child) -> None:
        try:
            child.start()
        except OSError as error:
            print(f"{child.program.name}: cannot start: {error}", flush=True)
            child.pause = LONGEST_PAUSE
            child.due = time.monotonic() + child.pause
            return
        self.selector.register(child.handle, selectors.EVENT_READ, child)
        self.keep()

    def accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(2)
            peer = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            try:
                if peer[1] not in (os.geteuid(), 0):
                    refusal = "this environment belongs to another user; run the command as who ran `deploy/dev up`"
                    connection.sendall((json.dumps({"refused": refusal}) + "\n").encode())
                    return
                with connection.makefile("r", encoding="utf-8") as lines:
                    request = json.loads(lines.readline())
                connection.sendall((json.dumps(self.answer(request)) + "\n").encode())
            except (OSError, ValueError) as error:
                print(f"a request was not answered: {error}", flush=True)

    def answer(self, request: dict) -> dict:
        replaced = False
        match request["do"]:
            case "run":
                replaced = self.take(Program(**request["program"]))
            case "stop":
                self.stop(self.children[name] for name in request["names"] if name in self.children)
            case "end":
                self.end()
        return {"processes": self.described(), "replaced": replaced}

    def take(self, program: Program) -> bool:
        """Starts a program; one that runs already is left alone unless it has changed: then it is ended first."""
        known = self.children.get(program.name)
        if known is not None and known.process is not None:
            if known.program == program and known.wanted:
                return False
            self.signal(known)
            known.program, known.wanted, known.pause = program, True, 0.0
            return True
        self.children[program.name] = Child(program)
        self.start(self.children[program.name])
        return False

    def stop(self, children) -> None:
        for child in children:
            child.wanted, child.due = False, None
            self.signal(child)

    def signal(self, child: Child) -> None:
        if child.process is not None:
            child.process.send_signal(child.program.stop_signal)

    def end(self) -> None:
        self.ending = True
        self.stop(self.children.values())

    def described(self) -> dict:
        return {
            name: {
                "pid": child.identity.pid if child.identity else None,
                "started": child.identity.started if child.identity else None,
                "wanted": child.wanted,
                "starts": child.starts,
                "grace": child.program.grace,
                "signal": child.program.stop_signal,
                "log": child.program.log,
            }
            for name, child in self.children.items()
        }

    def keep(self) -> None:
        """Writes down who runs."""
        own = processes.identity_of(os.getpid())
        write_whole(self.settings.run / "processes.json", json.dumps(
            {"supervisor": asdict(own) if own else None, "processes": self.described()}))


# What `deploy/dev` itself says to the supervisor.


def ask(settings: Settings, request: dict) -> dict | None:
    """The supervisor's answer, with its processes by name; None when no supervisor runs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        try:
            connection.connect(address(settings))
        except (ConnectionRefusedError, FileNotFoundError):
            return None
        try:
            connection.sendall((json.dumps(request) + "\n").encode())
            with connection.makefile("r", encoding="utf-8") as lines:
                line = lines.readline()
        except (BrokenPipeError, ConnectionResetError):
            return None
    answer = json.loads(line) if line else None
    if answer and "refused" in answer:
        raise Failure(answer["refused"])
    return answer


def running(settings: Settings) -> dict:
    """The supervised processes by name; empty when no supervisor runs."""
    answer = ask(settings, {"do": "list"})
    return answer["processes"] if answer else {}


def ensure(settings: Settings) -> None:
    """Starts a supervisor unless one runs; first ends what a killed one left behind."""
    if ask(settings, {"do": "list"}) is not None:
        return
    end_left_behind(settings)
    settings.run.mkdir(parents=True, exist_ok=True)
    settings.logs.mkdir(parents=True, exist_ok=True)
    with (settings.logs / "supervisor.log").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-B", str(DEPLOY / "tooling"), "supervise"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, start_new_session=True,
            env={**os.environ, "TOEGANG_STATE": str(settings.state), "TOEGANG_PORT_BASE": str(settings.port_base)})
    wait_until(lambda: ask(settings, {"do": "list"}) is not None, 10, "the supervisor's start")


def run(settings: Settings, program: Program) -> None:
    """Has the supervisor run a program, and keep it running; one that has changed is ended first."""
    answer = ask(settings, {"do": "run", "program": asdict(program)})
    if answer is None:
        raise Failure(f"the supervisor ended; its log is {settings.logs / 'supervisor.log'}")
    if answer["replaced"]:
        _await_end(answer["processes"][program.name])


def stop(settings: Settings, names: list[str]) -> None:
    """Ends these programs and waits until they are gone."""
    answer = ask(settings, {"do": "stop", "names": names})
    for name in names:
        _await_end(answer["processes"].get(name) if answer else None)


def end(settings: Settings) -> None:
    """Ends everything: the services first, then what they lean on, then the supervisor."""
    answer = ask(settings, {"do": "list"})
    if answer is None:
        end_left_behind(settings)
        return
    known = answer["processes"]
    pillars = [name for name in ("broker", "postgres") if name in known]
    stop(settings, [name for name in known if name not in pillars])
    for name in pillars:
        stop(settings, [name])
    ask(settings, {"do": "end"})
    wait_until(lambda: ask(settings, {"do": "list"}) is None, 10, "the supervisor's end")


def end_left_behind(settings: Settings) -> None:
    """Ends the processes of a supervisor that is gone, as it wrote them down."""
    kept = settings.run / "processes.json"
    if not kept.exists():
        return
    try:
        described = json.loads(kept.read_text(encoding="utf-8"))["processes"]
    except (ValueError, KeyError, TypeError):
        say(f"{kept} cannot be read; what it listed is not ended. A port that is still taken is named below.")
        described = {}
    for name in sorted(described, key=lambda name: name in ("broker", "postgres")):
        _await_end(described[name])
    kept.unlink()


def _await_end(entry: dict | None) -> None:
    if entry and entry["pid"] is not None:
        processes.end(Identity(entry["pid"], entry["started"]), entry["signal"], entry["grace"])


def rotate(log: Path, largest: int = 50 << 20) -> None:
    """Keeps one old log beside the current one, so that a log cannot fill the disk for ever."""
    if log.exists() and log.stat().st_size > largest:
        log.replace(log.with_suffix(".old.log"))
