"""The commands of `deploy/dev` and their options."""

import argparse
import os
import signal
import subprocess
import sys

from . import demo, environment, lanes, settings, status, supervisor, totp
from .settings import Failure
from .terminal import say, warn


def main(arguments: list[str]) -> int:
    """Runs one command; the exit status is 0 when it did what it says."""
    options, options.handed_on = parser().parse_known_args(arguments)
    if options.handed_on and options.run is not run_bench:
        parser().error(f"unrecognized arguments: {' '.join(options.handed_on)}")
    try:
        return options.run(options) or 0
    except Failure as failure:
        warn(f"deploy/dev {options.command}: {failure}")
        return 1
    except BrokenPipeError:
        # Whoever read the output has gone, such as `head`; Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        warn("stopped; what was started before goes on running (`deploy/dev down` ends it)")
        return 130


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="deploy/dev", description="Runs, shows and tests Toegang on one machine.",
        epilog="Environment: TOEGANG_PORT_BASE (8100), TOEGANG_KAFKA_BOOTSTRAP (a Kafka of your own instead of the "
               "development broker), TOEGANG_CONFIGURATION (release or debug), TOEGANG_STATE (.state).")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")

    up = commands.add_parser("up", help="set up what is missing, start everything, load the demo data")
    up.add_argument("--instances", type=int, choices=(1, 2),
                    help="2 runs two instances of each service behind HAProxy; otherwise as many as before, at first 1")
    up.set_defaults(run=run_up)
    commands.add_parser("down", help="end everything that `up` started").set_defaults(run=run_down)
    show = commands.add_parser("status", help="what runs, where, and whether it is ready")
    show.add_argument("--json", action="store_true", help="for programs")
    show.set_defaults(run=lambda options: status.show(settings.load(), options.json))
    logs = commands.add_parser("logs", help="follow the logs of one process or of all")
    logs.add_argument("process", nargs="?", help="a service, postgres, broker, haproxy or supervisor")
    logs.set_defaults(run=run_logs)
    commands.add_parser("reset", help="end everything and forget all data").set_defaults(run=run_reset)
    code = commands.add_parser("code", help="the code that a persona's mobile app shows now")
    code.add_argument("username")
    code.set_defaults(run=run_code)
    test = commands.add_parser("test", help="run the test lanes", description=lanes.describe())
    test.add_argument("lane", nargs="*", help="only these lanes")
    test.add_argument("--filter", metavar="WORD", help="only tests whose name has this word, in the lanes that run tests")
    test.set_defaults(run=lambda options: lanes.run(options.lane, options.filter))
    commands.add_parser("schema", help="write the file schema.sql of each service anew, from its migrations").set_defaults(
        run=lambda _: lanes.write_schemas())
    bench = commands.add_parser("bench", add_help=False, help="measure, and write Tests/Benchmarks/RESULTS.md")
    bench.set_defaults(run=run_bench)
    supervise = commands.add_parser("supervise")
    supervise.set_defaults(run=run_supervisor)
    return top


def run_up(options: argparse.Namespace) -> None:
    environment.up(settings.load(instances=options.instances))


def run_down(_: argparse.Namespace) -> None:
    environment.down(settings.load())


def run_reset(_: argparse.Namespace) -> None:
    environment.reset(settings.load())


def run_logs(options: argparse.Namespace) -> int:
    known = settings.load()
    name = options.process
    if name is None:
        files = sorted(known.logs.glob("*.log"))
    else:
        files = [known.logs / f"{candidate}.log" for candidate in (name, f"{name}-service")]
        files = [file for file in files if file.exists()][:1]
    if not files:
        raise Failure(f"there is no log of {name or 'anything'} in {known.logs}")
    return subprocess.run(["tail", "-n", "100", "-F", *map(str, files)]).returncode


def run_code(options: argparse.Namespace) -> None:
    for persona in demo.personas():
        if options.username in (persona["username"], persona["name"]):
            say(totp.code(persona["appSecret"]))
            return
    names = ", ".join(persona["username"] for persona in demo.personas())
    raise Failure(f"there is no persona {options.username!r}; there are {names}")


def run_bench(options: argparse.Namespace) -> int:
    return subprocess.run(
        [sys.executable, str(settings.ROOT / "Tests" / "Benchmarks" / "bench.py"), *options.handed_on]).returncode


def run_supervisor(_: argparse.Namespace) -> None:
    known = settings.load()
    os.chdir("/")
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    supervisor.Supervisor(known).serve()
