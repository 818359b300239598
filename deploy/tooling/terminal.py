"""What is said to the person at the keyboard, and how commands are run for her."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .settings import ROOT, Failure


def say(text: str = "") -> None:
    """One line, at once."""
    print(text, flush=True)


class step:
    """A part of a command that takes time: says its name, and afterwards how long it took."""

    def __init__(self, name: str):
        self.name = name

    def __enter__(self) -> "step":
        self.begin = time.monotonic()
        return self

    def __exit__(self, kind, error, trace) -> None:
        seconds = time.monotonic() - self.begin
        if kind is None:
            say(f"  {self.name:<44} {seconds:6.1f} s")


def run(arguments: Sequence[str | Path], *, env: dict[str, str] | None = None, input: str | None = None,
        cwd: Path = ROOT, what: str | None = None) -> str:
    """Runs a command to its end and returns what it printed; a failure carries all of it."""
    completed = subprocess.run(
        [str(argument) for argument in arguments], cwd=cwd, env={**os.environ, **(env or {})}, input=input,
        stdin=subprocess.DEVNULL if input is None else None,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if completed.returncode != 0:
        raise Failure(f"{what or arguments[0]} failed with exit status {completed.returncode}:\n{completed.stdout}")
    return completed.stdout


def stream(arguments: Sequence[str | Path], *, env: dict[str, str] | None = None, cwd: Path = ROOT,
           line: Callable[[str], None] | None = None, log: Path | None = None) -> int:
    """Runs a command, hands each line of its output on while it runs, and returns its exit status."""
    process = subprocess.Popen(
        [str(argument) for argument in arguments], cwd=cwd, env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    assert process.stdout is not None
    kept = log.open("w", encoding="utf-8") if log else None
    try:
        for text in process.stdout:
            if kept:
                kept.write(text)
            if line:
                line(text.rstrip("\n"))
        return process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    finally:
        if kept:
            kept.close()


STEP_OF_BUILD = re.compile(r"^\[(\d+)/(\d+)\] ")


def progress(every: float = 15) -> Callable[[str], None]:
    """Says now and then how far a build is, from the lines that SwiftPM prints; a short build says nothing."""
    last = time.monotonic()

    def read(line: str) -> None:
        nonlocal last
        if (found := STEP_OF_BUILD.match(line)) and time.monotonic() - last >= every:
            last = time.monotonic()
            say(f"    building, step {found[1]} of {found[2]}")
    return read


def wait_until(condition: Callable[[], bool], seconds: float, what: str, pause: float = 0.05) -> None:
    """Looks until the condition holds; a failure says what was waited for."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"{what} did not happen within {seconds:g} s")
        time.sleep(pause)


def warn(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
