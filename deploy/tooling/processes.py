"""Processes by identity: a process id together with its start time, so that a reused id is never ended."""

import os
import select
import signal
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Identity:
    """One process, for ever: no other process has the same id and the same start."""

    pid: int
    started: int
    """Clock ticks after the machine's start, as the kernel tells it."""

    def is_alive(self) -> bool:
        return identity_of(self.pid) == self


def identity_of(pid: int) -> Identity | None:
    """The process that has this id now; None when there is none, or it is dead and not yet buried."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    if fields[0] in ("Z", "X"):
        return None
    return Identity(pid, int(fields[19]))


def end(identity: Identity, wanted: int = signal.SIGTERM, grace: float = 10) -> None:
    """Asks a process to end, and kills it when it has not ended within the grace (seconds)."""
    for number, seconds in ((wanted, grace), (signal.SIGKILL, 5)):
        try:
            handle = os.pidfd_open(identity.pid)
        except ProcessLookupError:
            return
        try:
            # Looked at after the handle is open: the handle cannot move to another process any more.
            if not identity.is_alive():
                return
            signal.pidfd_send_signal(handle, number)
            if select.select([handle], [], [], seconds)[0]:
                return
        except ProcessLookupError:
            return
        finally:
            os.close(handle)


def holder_of_port(port: int) -> str | None:
    """Who listens on this loopback port, as far as the kernel tells us: "pid 12 (postgres)"."""
    wanted = f"{port:04X}"
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[1].rpartition(":")[2] == wanted:
                inodes.add(f"socket:[{fields[9]}]")
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            for handle in (entry / "fd").iterdir():
                if os.readlink(handle) in inodes:
                    return f"pid {entry.name} ({(entry / 'comm').read_text().strip()})"
        except OSError:
            continue
    return "a process of somebody else" if inodes else None
