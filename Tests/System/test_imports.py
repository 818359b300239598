"""What an authority that delivers a bad file gets to read, from the services' own import commands."""

import pytest

from support import people, suite
from support.people import COLUMNS
from tooling.settings import AUTHENTICATION, MANDATE_REGISTRY, ORGANISATION_RIGHTS, PROFILE_RESOLUTION

SERVICE_OF = {
    "accounts": AUTHENTICATION, "care-providers": PROFILE_RESOLUTION, "non-care-providers": PROFILE_RESOLUTION,
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
def test_an_unknown_column_makes_the_file_unusable_and_is_named(deliver, what):
    status, said = deliver(what, COLUMNS[what] + ",favourite_colour\n")
    assert status == 2
    assert "favourite_colour" in said


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
    assert "line 2: added" in said and "line 3: refused: " in said
    assert bad not in said and good not in said
    _, again = deliver("care-providers", COLUMNS["care-providers"] + "\n" + care_provider_row(good))
    assert "1 unchanged" in again, "the good row before it stays"


def test_a_duplicate_row_changes_nothing(deliver):
    row = care_provider_row(people.fresh_number())
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
    row = f"{people.fresh_number()},persnurse,{people.fresh_number()},,administrative-dossier,2026-01-01,\n"
    status, said = deliver("mandates", COLUMNS["mandates"] + "\n" + row)
    assert status == 1
    assert "line 2: refused: " in said
    assert row.split(",")[0] not in said
