"""The demo data: files as an authority would deliver them, loaded by the services' own `import` commands."""

import csv
import json
import subprocess
from hashlib import sha256

from . import configuration, postgres
from .settings import (AUTHENTICATION, DEPLOY, MANDATE_REGISTRY, ORGANISATION_RIGHTS, PROFILE_RESOLUTION, Failure,
                       Service, Settings)
from .terminal import step, wait_until

FOLDER = DEPLOY / "demo"

IMPORTS: list[tuple[Service, str]] = [
    (AUTHENTICATION, "accounts"),
    (ORGANISATION_RIGHTS, "organisations"),
    (ORGANISATION_RIGHTS, "access-managers"),
    (ORGANISATION_RIGHTS, "rights"),
    (PROFILE_RESOLUTION, "care-providers"),
    (PROFILE_RESOLUTION, "non-care-providers"),
    (MANDATE_REGISTRY, "mandates"),
]
"""Which service loads which file, in the order in which they lean on each other."""


def personas() -> list[dict[str, str]]:
    """The people of the demo data who can sign in, with what they are there to show."""
    stories = json.loads((FOLDER / "stories.json").read_text(encoding="utf-8"))
    with (FOLDER / "accounts.csv").open(encoding="utf-8", newline="") as file:
        return [
            {
                "name": f"{row['first_name']} {row['last_name']}",
                "nationalNumber": row["national_number"],
                "username": row["username"],
                "password": row["password"],
                "appSecret": row["app_secret"],
                "email": row["email"],
                "story": stories[row["username"]],
            }
            for row in csv.DictReader(file)
        ]


def load(settings: Settings) -> None:
    """Loads what changed since the last time; a file whose rows wait for another service's events is tried again."""
    stamp = settings.data / "demo.loaded"
    wanted = sha256(b"".join((FOLDER / f"{what}.csv").read_bytes() for _, what in IMPORTS)).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    with step("demo data"):
        for service, what in IMPORTS:
            if what == "mandates":
                wait_until(lambda: caught_up(settings), 60, "the services' knowledge of each other's events")
            run_import(settings, service, what)
        wait_until(lambda: caught_up(settings), 60, "the services' knowledge of each other's events")
    stamp.write_text(wanted)


def run_import(settings: Settings, service: Service, what: str, file=None) -> str:
    """Runs one import and returns its report."""
    config = configuration.write(settings, service, 1)
    command = [str(settings.executable(service)), "import", what, str(file or FOLDER / f"{what}.csv"),
               "--config", str(config)]
    answer = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if answer.returncode != 0:
        raise Failure(f"{service.name} import {what} ended with exit status {answer.returncode}:\n"
                      f"{answer.stdout}\n{answer.stderr}")
    return answer.stdout


def caught_up(settings: Settings) -> bool:
    """Whether each projection has applied each event that its source has recorded."""
    return not behind(settings)


def behind(settings: Settings) -> list[str]:
    """What still has to be applied, one line per projection and partition; empty when everything is."""
    schemas = [service.schema for service in (AUTHENTICATION, PROFILE_RESOLUTION, MANDATE_REGISTRY,
                                              ORGANISATION_RIGHTS)]
    heads = " UNION ALL ".join(
        f"SELECT source, partition, sequence FROM {schema}.outbox_head" for schema in schemas)
    positions = " UNION ALL ".join(
        f"SELECT '{schema}' AS reader, projection, source, partition, sequence, state FROM {schema}.position"
        for schema in schemas)
    rows = postgres.psql(settings, f"""
        WITH head AS ({heads}), position AS ({positions}),
        expected AS (SELECT DISTINCT reader, projection, source FROM position)
        SELECT reader || '/' || expected.projection || ' ' || source || ':' || head.partition || ' at '
               || coalesce(position.sequence, 0) || ' of ' || head.sequence || coalesce(' ' || position.state, '')
        FROM expected JOIN head USING (source)
        LEFT JOIN position USING (reader, projection, source, partition)
        WHERE head.sequence > coalesce(position.sequence, 0) OR position.state <> 'running'
        """, database="toegang")
    return [line for line in rows.splitlines() if line]
