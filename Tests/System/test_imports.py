"""What an authority that delivers a bad file gets to read, from the services' own import commands."""

import base64
import csv
import functools
import io
import itertools
import os

import pytest

from support import people, suite
from support.people import COLUMNS
from tooling import demo
from tooling.settings import AUTHENTICATION, MANDATE_REGISTRY, ORGANISATION_RIGHTS, PROFILE_RESOLUTION

SERVICE_OF = {
    "accounts": AUTHENTICATION, "replaced-numbers": AUTHENTICATION,
    "care-providers": PROFILE_RESOLUTION, "non-care-providers": PROFILE_RESOLUTION,
    "organisations": ORGANISATION_RIGHTS, "access-managers": ORGANISATION_RIGHTS, "rights": ORGANISATION_RIGHTS,
    "mandates": MANDATE_REGISTRY,
}


@pytest.fixture
def deliver(tmp_path):
    """Imports a text as a file, and returns exit status and everything that was printed."""
    def run(what: str, text: str):
        file = tmp_path / f"{what}.csv"
        file.write_text(text, encoding="utf-8")
        answer = suite.run_import(SERVICE_OF[what], what, file)
        return answer.returncode, answer.stdout + answer.stderr
    return run


@pytest.mark.parametrize("what", COLUMNS)
def test_an_empty_file_is_unusable(deliver, what):
    status, said = deliver(what, "")
    assert status == 2
    assert "empty" in said or "header" in said


@pytest.mark.parametrize("what", COLUMNS)
def test_an_unknown_column_makes_the_file_unusable_and_is_told_by_its_place(deliver, what):
    status, said = deliver(what, COLUMNS[what] + ",favourite_colour\n")
    assert status == 2
    assert f"not expected at place {COLUMNS[what].count(',') + 2}." in said
    assert "favourite_colour" not in said


@pytest.mark.parametrize("what", COLUMNS)
def test_a_file_without_a_header_is_unusable_and_nothing_of_its_rows_is_printed(deliver, what):
    row = good_row(what)
    for text in (line(what, row), COLUMNS[what] + "\r" + line(what, row).strip() + "\r"):
        status, said = deliver(what, text)
        assert status == 2
        assert all(value not in said for value in row.values() if len(value) > 5), said


@pytest.mark.parametrize("what", COLUMNS)
def test_a_missing_column_makes_the_file_unusable_and_is_named(deliver, what):
    first, _, rest = COLUMNS[what].partition(",")
    status, said = deliver(what, rest + "\n")
    assert status == 2
    assert first in said


@pytest.mark.parametrize("what", COLUMNS)
def test_a_file_that_is_not_utf_8_is_unusable(deliver, what, tmp_path):
    file = tmp_path / "latin.csv"
    file.write_bytes((COLUMNS[what] + "\n").encode() + "é\n".encode("latin-1"))
    answer = suite.run_import(SERVICE_OF[what], what, file)
    assert answer.returncode in (1, 2)
    assert "UTF-8" in answer.stdout + answer.stderr


def care_provider_row(number: str) -> str:
    return f"{number},Zorg,Nieuw,persnurse,,VIS-{number[:6]},2020-01-01,open,a@b.example,+32 470 00 00 98,Straat 1,1000,Brussel\n"


def test_a_wrong_check_digit_refuses_its_row_with_its_line_and_without_the_number(deliver):
    good, other = people.fresh_number(), people.fresh_number()
    bad = other[:-2] + f"{int(other[-2:]) % 97 + 1:02d}"
    status, said = deliver("care-providers", COLUMNS["care-providers"] + "\n" + care_provider_row(good)
                           + care_provider_row(bad))
    assert status == 1
    assert "line 2: waits" in said and "line 3: refused: " in said
    assert bad not in said and good not in said
    people.fresh(number=good, last_name="Nieuw")
    _, again = deliver("care-providers", COLUMNS["care-providers"] + "\n" + care_provider_row(good))
    assert "line 2: changed" in again, "the good row before it stays, and is hers now that her name is known"


def test_a_duplicate_row_changes_nothing(deliver):
    row = care_provider_row(people.fresh(last_name="Nieuw")[0].national_number)
    status, said = deliver("care-providers", COLUMNS["care-providers"] + "\n" + row + row)
    assert status == 0
    assert "1 added, 0 changed, 1 unchanged, 0 refused" in said


def test_importing_the_same_file_again_changes_nothing(deliver):
    text = COLUMNS["care-providers"] + "\n" + "".join(care_provider_row(people.fresh_number()) for _ in range(3))
    deliver("care-providers", text)
    before = heads()
    status, _ = deliver("care-providers", text)
    assert status == 0
    assert heads() == before, "no event was recorded the second time"


def heads() -> list[str]:
    return suite.psql("SELECT partition, sequence FROM profile_resolution.outbox_head ORDER BY partition")


def test_a_mandate_of_an_unknown_grantor_is_refused_with_its_line(deliver):
    row = good_row("mandates") | {"grantor_national_number": people.fresh_number()}
    status, said = deliver("mandates", COLUMNS["mandates"] + "\n" + line("mandates", row))
    assert status == 1
    assert "line 2: refused: " in said
    assert row["grantor_national_number"] not in said


# Hostile rows


def good_row(what: str) -> dict[str, str]:
    """A row that can be taken in, about somebody or something of its own."""
    number = people.fresh_number()
    contact = {"email": "a@b.example", "phone": "+32 470 00 00 98", "street": "Straat 1", "postal_code": "1000",
               "city": "Brussel"}
    tag = base64.b32encode(os.urandom(10)).decode()
    return {
        "accounts": {"national_number": number, "username": f"hostile.{tag.lower()}", "password": f"geheim-{tag}",
                     "app_secret": tag * 2, "first_name": "Goed", "last_name": "Nieuw", "email": "a@b.example",
                     "language": "nl"},
        "replaced-numbers": {"former_number": people.fresh_number(), "national_number": number,
                             "reason": "bis-replaced"},
        "care-providers": {"national_number": number, "first_name": "Goed", "last_name": "Nieuw",
                           "profession": "persnurse", "visum": f"VIS-{tag}", "visum_date": "2020-01-01",
                           "dossier_state": "open"} | contact,
        "non-care-providers": {"national_number": number, "last_name": "Nieuw", "function": "director",
                               "organisation_kbo": "1999903339", "organisation_name": "Huisartsengroepering De Linde"} | contact,
        "organisations": {"kbo_number": fresh_kbo_number(), "name": f"Organisatie {tag}", "type": "orghospital",
                          "status": "active"},
        "access-managers": {"kbo_number": KNOWN_ORGANISATION, "national_number": number, "last_name": "Nieuw",
                            "role": "access-manager", "status": "active"},
        "rights": {"kbo_number": KNOWN_ORGANISATION, "national_number": number, "last_name": "Nieuw", "role": "member",
                   "start_date": people.today()},
        "mandates": {"grantor_national_number": grantor(), "grantor_last_name": "Gever",
                     "grantor_profession": "persnurse", "holder_national_number": number,
                     "holder_last_name": "Nieuw", "mandate_type": "administrative-dossier",
                     "start_date": people.today(), "status": "active"},
    }[what]


# What is said of a good row: these name persons whom nobody knows yet.
TAKEN = dict.fromkeys(("care-providers", "non-care-providers", "access-managers", "rights", "mandates"), "waits")
# Of the demo data.
KNOWN_ORGANISATION = "1999901161"
# What nobody may find in what is printed.
MARK = "Zq9vreemd"
REFUSED = {
    "nul": MARK + "\0x", "line break": MARK + "\nx", "tab": MARK + "\tx", "direction": MARK + "\u202ex",
    "isolate": MARK + "\u2066x", "invisible": MARK + "\u200bx", "accents": MARK + "e\u0301" * 120,
    "families": MARK + "\U0001F468\u200d\U0001F469\u200d\U0001F467" * 60, "long": MARK + "x" * 10_000,
}


@functools.cache
def grantor() -> str:
    number = people.fresh_number()
    people.care_provider(number, "Gever")
    suite.wait_for(lambda: demo.caught_up(suite.current()), 30, "that the services know each other's events")
    return number


def fresh_kbo_number() -> str:
    base = 19_000_000 + int.from_bytes(os.urandom(4)) % 900_000
    return f"{base}{97 - base % 97:02d}"


def line(what: str, row: dict[str, str]) -> str:
    text = io.StringIO()
    csv.DictWriter(text, COLUMNS[what].split(","), restval="", lineterminator="\n").writerow(row)
    return text.getvalue()


@pytest.mark.parametrize("what", COLUMNS)
def test_a_bad_row_is_refused_by_itself_whatever_is_in_it(deliver, what):
    """Each column has each hostile value once; the rows around them are taken in, and only lines are told."""
    columns = COLUMNS[what].split(",")
    rows, lines = [line(what, good_row(what))], []
    at = 3
    for column, (_, value) in itertools.product(columns, REFUSED.items()):
        # A user name or password of accounts has its own rules, which are tried with accounts.
        if column == "password":
            continue
        rows.append(line(what, good_row(what) | {column: value}))
        lines.append(at)
        at += 1 + value.count("\n")
    rows.append("," * (len(columns) - 1) + "\n" + line(what, good_row(what)))
    status, said = deliver(what, COLUMNS[what] + "\n" + "".join(rows))
    assert status == 1, said
    assert "Stopped" not in said and MARK not in said
    taken = TAKEN.get(what, "added")
    assert f"line 2: {taken}" in said and f"line {at + 1}: {taken}" in said
    for number in lines:
        assert f"line {number}: refused: " in said, f"line {number}: {rows[lines.index(number) + 1]!r}"
    added, waiting = (2, 0) if taken == "added" else (0, 2)
    assert f"{added} added, 0 changed, 0 unchanged, {len(lines)} refused, {waiting} waiting" in said


def test_people_with_one_name_can_have_an_account_and_a_dossier(deliver):
    for what in ("accounts", "care-providers"):
        for only in ("first_name", "last_name"):
            other = "last_name" if only == "first_name" else "first_name"
            status, said = deliver(what, COLUMNS[what] + "\n" + line(what, good_row(what) | {other: ""}))
            assert (status, f"line 2: {TAKEN.get(what, 'added')}" in said) == (0, True), said
        status, said = deliver(what, COLUMNS[what] + "\n" + line(
            what, good_row(what) | {"first_name": "", "last_name": " "}))
        assert status == 1 and "line 2: refused: last_name" in said


def test_rows_that_are_refused_make_nobody_a_person(deliver):
    def persons() -> list[str]:
        return suite.psql("SELECT count(*) FROM authentication.person")

    grantor()
    before = persons()
    for what, wrong in (("rights", {"kbo_number": fresh_kbo_number()}), ("rights", {"role": "no-such-role"}),
                        ("access-managers", {"kbo_number": fresh_kbo_number()}),
                        ("mandates", {"end_date": "2020-01-01", "start_date": "2019-01-01"}),
                        ("mandates", {"grantor_profession": "persphysician"}),
                        ("mandates", {"grantor_last_name": "Nemer"}), ("mandates", {"status": "stopped"})):
        status, said = deliver(what, COLUMNS[what] + "\n" + line(what, good_row(what) | wrong))
        assert status == 1, said
    assert persons() == before
