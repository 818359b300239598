"""A mandate delivered for a number that nobody has yet begins, over all services, when its holder signs in."""

import time

from support import api, journey, people, suite, tokens
from support.people import COLUMNS
from tooling import demo
from tooling.settings import MANDATE_REGISTRY, PROFILE_RESOLUTION


def test_a_mandate_begins_at_the_sign_in_of_whoever_was_meant_and_opens_nothing_to_a_stranger(tmp_path):
    grantor, stranger = people.fresh(2)
    late = people.fresh_number()
    people.care_provider(grantor.national_number, grantor.last_name)
    suite.wait_for(lambda: demo.caught_up(suite.current()), 30, "that the services know each other's events")

    def deliver(*rows: dict[str, str]) -> str:
        file = tmp_path / "mandates.csv"
        columns = COLUMNS["mandates"].split(",")
        lines = [",".join(row.get(column, "") for column in columns) for row in rows]
        file.write_text("\n".join([",".join(columns), *lines]) + "\n", encoding="utf-8")
        answer = suite.run_import(MANDATE_REGISTRY, "mandates", file)
        return answer.stdout + answer.stderr

    def row(number: str, **cells: str) -> dict[str, str]:
        return people.mandate_row(grantor, stranger, holder_national_number=number,
                                  holder_last_name="DE TESTLAAT", **cells)

    # The number of a stranger, by a typing error, and one that nobody has: one answer.
    mistyped, meant = row(stranger.national_number), row(late)
    said = deliver(mistyped, meant)
    assert "line 2: waits" in said and "line 3: waits" in said, said
    assert "0 added, 0 changed, 0 unchanged, 0 refused, 2 waiting" in said

    # Whoever runs the service sees what waits, by ids alone.
    listed = suite.operate(MANDATE_REGISTRY, "waiting", "list")
    mine = [line for line in listed.stdout.splitlines() if api.person_id(grantor.national_number) in line]
    assert listed.returncode == 0 and len(mine) == 2, listed.stderr
    assert all(line.startswith("mandate ") and line.endswith("by a file") and "until" in line for line in mine)
    assert "testlaat" not in listed.stdout.lower() and late not in listed.stdout

    # Number and name come together: whoever was meant gets an account, and both sign in.
    who = people.fresh(number=late, last_name="De Testlaat")[0]
    for somebody in (stranger, who):
        journey.enter(somebody)
    begin = time.monotonic()
    reader = api.service_token("inspection", "profiles.read")

    def holds(somebody: people.Someone) -> bool:
        person = api.person_id(somebody.national_number)
        answer = api.call(PROFILE_RESOLUTION, "GET", f"/persons/{person}/profiles", token=reader)
        return answer.json()["profiles"][0]["holdsMandates"]

    suite.wait_for(lambda: holds(who), 20, "that the mandate begins")
    print(f"measured a waiting mandate begins after its holder's sign-in: {time.monotonic() - begin:.2f} s at most")

    def found(somebody: people.Someone) -> list[str]:
        answer = api.call(MANDATE_REGISTRY, "POST", "/grantors/search",
                          token=tokens.of(somebody).at(MANDATE_REGISTRY), json_body={"page": 1})
        return [entry["lastName"] for entry in answer.json().get("grantors", [])]

    assert found(who) == [grantor.last_name]
    assert not holds(stranger) and found(stranger) == []

    # The mistake is taken back by the file; the same again changes nothing.
    ended = mistyped | {"status": "stopped"}
    assert "line 2: changed" in deliver(ended)
    assert "line 2: refused: no mandate of this type" in deliver(ended)
    assert "line 2: unchanged" in deliver(meant)
    told = suite.psql("SELECT count(*) FROM mandate_registry.outbox WHERE envelope::text ILIKE '%testlaat%'")
    assert told == ["0"]
