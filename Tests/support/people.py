"""People to sign in: the personas, and as many fresh ones as a test wants, each with numbers that nobody has."""

import base64
import csv
import datetime
import fcntl
import hashlib
import itertools
import json
import os
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from tooling import demo, settings, totp

from . import suite


@dataclass(frozen=True)
class Someone:
    """A person with an account."""

    national_number: str
    username: str
    password: str
    app_secret: str
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def today(form: str = "%Y-%m-%d") -> str:
    """The calendar day that counts for mandates and rights, as the services are configured."""
    return datetime.datetime.now(ZoneInfo("Europe/Brussels")).strftime(form)


def persona(username: str) -> Someone:
    """The persona with this user name."""
    with (demo.FOLDER / "accounts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["username"] == username:
                return Someone(row["national_number"], row["username"], row["password"], row["app_secret"],
                               row["first_name"], row["last_name"])
    raise AssertionError(f"there is no persona {username!r}")


def code_of(someone: Someone) -> str:
    """A code that the app shows and that was not used yet; waits for the next one when all were used.

    The services take each step once, and one step around the current one; which steps were used is kept in the state
    folder, because the lanes run in several processes.
    """
    kept = suite.current().state / "used-steps.json"
    with kept.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        used = json.loads(file.read() or "{}")
        while True:
            moment = time.time()
            now = int(moment) // 30
            # The step before is taken too, but not for long any more when the current one nears its end.
            step = max(used.get(someone.app_secret, 0) + 1, used.get("", 0) + 1, now - 1 if moment % 30 < 20 else now)
            if step <= now + 1:
                break
            time.sleep(0.25)
        used[someone.app_secret] = step
        file.seek(0)
        file.truncate()
        file.write(json.dumps(used))
    return totp.code(someone.app_secret, step * 30)


def codes_are_taken() -> None:
    """The codes of all steps up to now were taken away from everybody, as after a restore of authentication."""
    kept = suite.current().state / "used-steps.json"
    with kept.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        used = json.loads(file.read() or "{}")
        used[""] = int(time.time()) // 30
        file.seek(0)
        file.truncate()
        file.write(json.dumps(used))


# Numbers


def national_number(born: tuple[int, int, int], sequence: int) -> str:
    """A national number with its check digits (born before 2000: nothing put before; after: a 2)."""
    year, month, day = born
    nine = f"{year % 100:02d}{month:02d}{day:02d}{sequence:03d}"
    return f"{nine}{97 - int(('2' if year >= 2000 else '') + nine) % 97:02d}"


def fresh_riziv_number() -> str:
    """A RIZIV number that this environment has not had: sequence 99 9xx, check digits modulo 97, then modulo 89.

    There are few of them, so which were given is counted in the state folder, across test runs. The last three digits
    say nothing about the person.
    """
    kept = suite.current().state / "riziv-numbers-given"
    with kept.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        given = int(file.read() or "0")
        file.seek(0)
        file.truncate()
        file.write(str(given + 1))
    # The first ten sequences are the demo data's.
    modulus, rest = divmod(given, 9 * 90)
    assert modulus < 2, "all RIZIV numbers for tests are given; `deploy/dev reset` begins again"
    first_six = f"{rest % 9 + 1}999{rest // 9 + 10:02d}"
    checked = (97, 89)[modulus]
    return f"{first_six}{checked - int(first_six) % checked:02d}001"


def _unused_numbers():
    """National numbers of this run: sequence 990 to 998, days in an order that differs from run to run."""
    days = [(year, month, day) for year in range(1930, 2007) for month in range(1, 13) for day in range(1, 29)]
    random.Random(time.time_ns() ^ os.getpid()).shuffle(days)
    taken = {row["nationalNumber"] for row in demo.personas()}
    for day, sequence in itertools.product(days, range(990, 999)):
        number = national_number(day, sequence)
        if number not in taken:
            yield number


UNUSED = _unused_numbers()


def fresh_number() -> str:
    return next(UNUSED)


def fresh(count: int = 1, first_name: str = "Test", number: str | None = None,
          last_name: str | None = None) -> list[Someone]:
    """Loads new accounts by the service's own import, and returns their holders; one of them for a number that is
    given."""
    people = []
    for number in [fresh_number() for _ in range(count)] if number is None else [number]:
        tag = base64.b32encode(os.urandom(5)).decode().lower()
        secret = base64.b32encode(hashlib.sha1(tag.encode()).digest()).decode()
        people.append(Someone(number, f"test.{tag}", f"een-lang-geheim-{tag}", secret, first_name,
                              last_name or f"Test{tag}"))
    load(settings.AUTHENTICATION, "accounts", [
        {"national_number": who.national_number, "username": who.username, "password": who.password,
         "app_secret": who.app_secret, "first_name": who.first_name, "last_name": who.last_name,
         "email": f"{who.username}@voorbeeld.example", "language": "nl"} for who in people])
    return people


COLUMNS = {
    "accounts": "national_number,username,password,app_secret,first_name,last_name,email,language",
    "replaced-numbers": "former_number,national_number,reason",
    "care-providers": "national_number,first_name,last_name,profession,riziv_number,visum,visum_date,dossier_state,"
                      "email,phone,street,postal_code,city",
    "non-care-providers": "national_number,last_name,function,organisation_kbo,organisation_riziv,organisation_name,"
                          "email,phone,street,postal_code,city",
    "organisations": "kbo_number,riziv_number,name,type,status",
    "access-managers": "kbo_number,national_number,last_name,role,status",
    "rights": "kbo_number,national_number,last_name,role,start_date,end_date",
    "mandates": "grantor_national_number,grantor_last_name,grantor_profession,holder_national_number,"
                "holder_last_name,holder_kbo_number,mandate_type,start_date,end_date,status",
}


def load(service: settings.Service, what: str, rows: list[dict[str, str]]) -> None:
    """Imports rows by a service's own command; every row has to be accepted."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{what}.csv"
        with file.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, COLUMNS[what].split(","), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        answer = suite.run_import(service, what, file)
    assert answer.returncode == 0, f"import {what}: exit status {answer.returncode}\n{answer.stdout}{answer.stderr}"


def care_provider(number: str, last_name: str, profession: str = "persnurse") -> None:
    """A care provider with an open dossier and a RIZIV number, which giving mandates takes."""
    load(settings.PROFILE_RESOLUTION, "care-providers", [
        {"national_number": number, "first_name": "Zorg", "last_name": last_name, "profession": profession,
         "riziv_number": fresh_riziv_number(), "dossier_state": "open",
         "email": "begin@voorbeeld.example", "phone": "+32 470 00 00 99", "street": "Beginstraat 1",
         "postal_code": "1000", "city": "Brussel"}])


def mandate_row(grantor: Someone, holder: Someone, start: str | None = None, **cells: str) -> dict[str, str]:
    """A row of an authority's file of mandates, from today on."""
    return {"grantor_national_number": grantor.national_number, "grantor_last_name": grantor.last_name,
            "grantor_profession": "persnurse", "holder_national_number": holder.national_number,
            "holder_last_name": holder.last_name, "mandate_type": "administrative-dossier",
            "start_date": start or today(), "status": "active"} | cells


def mandate(grantor: Someone, holder: Someone) -> None:
    """A mandate from today on; waits until the registry knows the grantor's dossier."""
    suite.wait_for(lambda: demo.caught_up(suite.current()), 30, "that the services know each other's events")
    load(settings.MANDATE_REGISTRY, "mandates", [mandate_row(grantor, holder)])
    suite.wait_for(lambda: demo.caught_up(suite.current()), 30, "that the services know each other's events")
