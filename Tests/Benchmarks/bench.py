#!/usr/bin/env python3
"""Measures the suite and writes RESULTS.md beside this file; run it by `deploy/dev bench`.

An environment of its own (.state/bench) is filled with 100,000 care providers by the services' own import commands.
Then the sides of each comparison are measured in turn, several rounds, so that what the machine does meanwhile hits all
of them; the results show the median and the spread.
"""

import argparse
import csv
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "deploy"), str(ROOT / "Tests")]

from tooling import demo, environment, packages, postgres, secrets, settings, status, supervisor  # noqa: E402
from tooling.settings import PROFILE_RESOLUTION, SERVICES  # noqa: E402
from tooling.terminal import run, say, stream, wait_until  # noqa: E402

CONNECTIONS = 8


def main() -> int:
    options = argparse.ArgumentParser(prog="deploy/dev bench", description=__doc__)
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=8, help="of each measurement")
    options.add_argument("--changes", type=int, default=200)
    options.add_argument("--keep", action="store_true", help="leave the environment running")
    chosen = options.parse_args()
    here = settings.load(instances=1, state=ROOT / ".state" / "bench", port_base=8500)
    os.environ["TOEGANG_STATE"], os.environ["TOEGANG_PORT_BASE"] = str(here.state), str(here.port_base)
    packages.ensure_debian([*packages.FOR_RUNNING, "wrk", "postgresql-contrib"])
    try:
        environment.up(here, introduce=False)
        loaded = load_people(here, chosen.people)
        parts = [starts_and_memory(here), profile_list(here, chosen, loaded), change_to_effect(here, chosen.changes)]
    finally:
        if not chosen.keep:
            environment.down(here)
    write(parts)
    return 0


# People


def load_people(here: settings.Settings, count: int) -> int:
    """Loads this many care providers, once per environment; returns how many the service knows."""
    known = int(postgres.psql(here, PEOPLE_COUNT, database=settings.DATABASE))
    if known < count:
        file = here.data / "people.csv"
        write_people(file, count)
        begin = time.monotonic()
        demo.run_import(here, PROFILE_RESOLUTION, "care-providers", file)
        seconds = time.monotonic() - begin
        say(f"  {count} care providers imported in {seconds:.0f} s ({count / seconds:.0f}/s)")
        wait_until(lambda: demo.caught_up(here), 600, "that the services know each other's events", pause=1)
        postgres.psql(here, "VACUUM ANALYZE", database=settings.DATABASE)
        known = int(postgres.psql(here, PEOPLE_COUNT, database=settings.DATABASE))
    return known


PEOPLE_COUNT = "SELECT count(DISTINCT person_id) FROM profile_resolution.dossier"


def write_people(file: Path, count: int) -> None:
    from support.people import COLUMNS, national_number
    days = [(year, month, day) for year in range(1930, 2006) for month in range(1, 13) for day in range(1, 29)]
    chance = random.Random(7)
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS["care-providers"].split(","), restval="", lineterminator="\n")
        writer.writeheader()
        for index in range(count):
            day, sequence = days[index % len(days)], 990 + index // len(days)
            writer.writerow({
                "national_number": national_number(day, sequence), "first_name": "Zorg", "last_name": f"Teller{index}",
                "profession": chance.choice(["persnurse", "persphysiotherapist", "persdentist", "persmidwife"]),
                "visum": f"VISUM{index}", "visum_date": "2020-01-01", "dossier_state": "open",
                "email": f"teller{index}@voorbeeld.example", "phone": "+32 470 00 00 00", "street": "Straat 1",
                "postal_code": "1000", "city": "Brussel"})


# Measurements


def starts_and_memory(here: settings.Settings) -> str:
    """Kills each service and times it to readiness, three times; then the memory of a fresh one."""
    rows = []
    for service in SERVICES:
        times = []
        for _ in range(3):
            supervisor.stop(here, [service.name])
            begin = time.monotonic()
            environment.start_service(here, service, 1)
            wait_until(
                lambda: status.is_ready(here.health_url(service, 1)), 60, f"readiness of {service.name}", pause=0.005)
            times.append((time.monotonic() - begin) * 1000)
        pid = supervisor.running(here)[service.name]["pid"]
        rows.append(f"| {service.name} | {spread(times, 0)} | {resident(pid)} |")
    return "\n".join([
        "## Start and memory", "",
        "From the start of the process to its first `ready`, and the resident memory right after it.", "",
        "| service | start to ready, ms: median (least to most) | resident, MiB |", "| --- | --- | --- |", *rows])


def resident(pid: int) -> str:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return f"{int(found[1]) / 1024:.0f}" if found else "?"


def profile_list(here: settings.Settings, chosen: argparse.Namespace, loaded: int) -> str:
    """The profile list of one among many, beside a bare server and beside PostgreSQL alone with the same query."""
    from support import api
    sample = postgres.psql(here, "SELECT person_id FROM profile_resolution.dossier TABLESAMPLE BERNOULLI (1) LIMIT 100",
                           database=settings.DATABASE).split()
    hello, hello_port = start_hello(here)
    script, hello_script = here.state / "profiles.lua", here.state / "hello.lua"

    def write_scripts() -> None:
        names = ", ".join(f'"{person}"' for person in sample)
        token = api.service_token("inspection", "profiles.read")
        script.write_text(LUA.format(token=token, people=names, path='"/persons/" .. person .. "/profiles"'))
        hello_script.write_text(LUA.format(token=token, people=names, path='"/hello"'))

    queries = pgbench_scripts(here, sample)
    sides: dict[str, list[tuple[float, float]]] = {"profile list": [], "bare Hummingbird": [], "pgbench": []}
    try:
        for _ in range(chosen.rounds):
            write_scripts()
            sides["profile list"].append(wrk(here.url(PROFILE_RESOLUTION), chosen.seconds, script))
            sides["bare Hummingbird"].append(wrk(f"http://localhost:{hello_port}", chosen.seconds, hello_script))
            sides["pgbench"].append(pgbench(here, queries, chosen.seconds))
    finally:
        hello.terminate()
        hello.wait()
    pid = supervisor.running(here)[PROFILE_RESOLUTION.name]["pid"]
    rows = [f"| {name} | {spread([rate for rate, _ in rounds], 0)} | {spread([late for _, late in rounds], 2)} |"
            for name, rounds in sides.items()]
    return "\n".join([
        f"## Profile list of one person among {loaded:,}", "",
        f"{chosen.rounds} rounds of {chosen.seconds} s a side, in turn, {CONNECTIONS} connections; `wrk` with one thread "
        "(one of 100 people drawn at random for each request); `pgbench` with the six statements of the profile list in one "
        "pipeline, prepared, over TCP, for the same people. Load and server share the machine's processors.", "",
        "| side | requests/s: median (least to most) | latency ms, p99 (wrk) or mean (pgbench) |", "| --- | --- | --- |",
        *rows, "", f"Resident memory of profile-resolution-service after this load: {resident(pid)} MiB."])


LUA = """
wrk.headers["Authorization"] = "Bearer {token}"
local people = {{ {people} }}
function request()
    local person = people[math.random(#people)]
    return wrk.format("GET", {path})
end
"""


def start_hello(here: settings.Settings) -> tuple[subprocess.Popen, int]:
    log = here.logs / "hello-build.log"
    if stream(["swift", "build", "-c", "release", "--package-path", HERE, "--scratch-path", ROOT / ".build-benchmarks"],
              log=log):
        raise settings.Failure(f"the bare server does not build; see {log}")
    port = here.port_base + 19
    process = subprocess.Popen([ROOT / ".build-benchmarks" / "release" / "hello", str(port)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    from tooling.broker import accepts
    wait_until(lambda: accepts(port), 10, "the bare server's start")
    return process, port


def wrk(url: str, seconds: int, script: Path) -> tuple[float, float]:
    """Requests per second and the 99th percentile of latency in ms."""
    said = run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", script, url])
    if "Non-2xx" in said or "Socket errors" in said:
        raise settings.Failure(f"requests failed:\n{said}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    amount, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()
    return rate, float(amount) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def pgbench_scripts(here: settings.Settings, sample: list[str]) -> list[str]:
    """A script for each person, since pgbench has no variables that are texts."""
    from support import people
    template = (HERE / "profile-list.sql").read_text()
    folder = here.state / "pgbench"
    folder.mkdir(exist_ok=True)
    options = []
    for person in sample:
        script = folder / f"{person}.sql"
        script.write_text(template.format(person=person, today=people.today()))
        options += ["-f", str(script)]
    return options


def pgbench(here: settings.Settings, scripts: list[str], seconds: int) -> tuple[float, float]:
    role = PROFILE_RESOLUTION.role
    said = run([postgres.programs() / "pgbench", "-n", "-M", "prepared", f"-c{CONNECTIONS}", "-j1", f"-T{seconds}",
                *scripts, "-h", "127.0.0.1", "-p", str(here.postgres_port), "-U", role, settings.DATABASE],
               env={"PGPASSWORD": secrets.password(here, role), "PGOPTIONS": f"-csearch_path={PROFILE_RESOLUTION.schema},public"})
    return (float(re.search(r"tps = ([\d.]+)", said)[1]),
            float(re.search(r"latency average = ([\d.]+) ms", said)[1]))


def change_to_effect(here: settings.Settings, count: int) -> str:
    """From the answer to a change until its effect is seen elsewhere."""
    from support import effects
    return effects.measured_as_markdown(count)


def spread(values: list[float], digits: int) -> str:
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def write(parts: list[str]) -> None:
    processor = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                      if line.startswith("model name")), "unknown")
    swift = run(["swift", "--version"]).splitlines()[0]
    head = [
        "# Measurements", "",
        "Written by `deploy/dev bench`; do not edit by hand. Notes stand in NOTES.md.", "",
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} × {processor}, {platform.system()} {platform.release()}, "
        f"{swift}, PostgreSQL {run([postgres.programs() / 'postgres', '--version']).split()[2]}, release builds.", "", ""]
    text = "\n".join(head) + "\n\n".join(parts) + "\n"
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    say(text)


if __name__ == "__main__":
    sys.exit(main())
