"""A right given to a number that nobody has yet begins, over all services, when its person signs in."""

import time

from support import api, journey, people, suite, tokens
from tooling.settings import ORGANISATION_RIGHTS, PROFILE_RESOLUTION


def test_a_right_begins_at_the_sign_in_of_whoever_was_meant_and_not_at_that_of_a_stranger():
    manager = tokens.of(people.persona("els.wouters"))
    managed = api.call(ORGANISATION_RIGHTS, "GET", "/me/organisations", token=manager.at(ORGANISATION_RIGHTS))
    organisation = managed.json()["organisations"][0]["organisationId"]
    path = f"/organisations/{organisation}/rights"

    def give(number: str, name: str) -> tuple[dict, float]:
        begin = time.monotonic()
        answer = api.call(ORGANISATION_RIGHTS, "POST", path, token=manager.at(ORGANISATION_RIGHTS), json_body={
            "nationalNumber": number, "lastName": name, "role": "member", "startsOn": people.today()})
        assert answer.status == 201, answer.body
        return answer.json(), time.monotonic() - begin

    def standing(right: str) -> str:
        return api.call(ORGANISATION_RIGHTS, "GET", f"{path}/{right}",
                        token=manager.at(ORGANISATION_RIGHTS)).json()["status"]

    stranger, late = people.fresh()[0], people.fresh_number()
    # The number of a stranger, by a typing error, and one that nobody has: one answer, in one time.
    mistyped, took = give(stranger.national_number, "DE TESTLAAT")
    unknown, took_unknown = give(late, "DE TESTLAAT")
    assert mistyped["status"] == unknown["status"] == "waiting"
    assert took >= 0.4 and took_unknown >= 0.4

    # Whoever runs the service sees what waits, by ids alone, and the look is recorded.
    looks = "SELECT count(*) FROM organisation_rights.audit_record WHERE action = 'waiting.list'"
    before = int(suite.psql(looks)[0])
    listed = suite.operate(ORGANISATION_RIGHTS, "waiting", "list")
    giver = api.person_id(people.persona("els.wouters").national_number)
    lines = [line for line in listed.stdout.splitlines() if unknown["rightId"] in line or mistyped["rightId"] in line]
    assert listed.returncode == 0 and len(lines) == 2, listed.stderr
    assert all(line.startswith("right ") and organisation in line and line.endswith(f"by person {giver}")
               for line in lines), lines
    assert "testlaat" not in listed.stdout.lower() and late not in listed.stdout
    assert int(suite.psql(looks)[0]) == before + 1
    assert suite.run_command(ORGANISATION_RIGHTS, "waiting", "list").returncode != 0

    # Number and name come together: whoever was meant gets an account, and both sign in.
    who = people.fresh(number=late, last_name="De Testlaat")[0]
    for somebody in (stranger, who):
        journey.enter(somebody)
    begin = time.monotonic()
    suite.wait_for(lambda: standing(unknown["rightId"]) == "active", 20, "that the right begins")
    print(f"measured a waiting right begins after its person's sign-in: {time.monotonic() - begin:.2f} s at most")

    reader = api.service_token("inspection", "profiles.read")
    person = api.person_id(late)

    def offered() -> bool:
        answer = api.call(PROFILE_RESOLUTION, "GET", f"/persons/{person}/profiles", token=reader)
        return any(entry["profile"]["kind"] == "organisation" and entry["available"]
                   for entry in answer.json()["profiles"])

    suite.wait_for(offered, 20, "that the organisation is offered to her")
    assert standing(mistyped["rightId"]) == "waiting"
    told = suite.psql("SELECT count(*) FROM organisation_rights.outbox WHERE envelope::text ILIKE '%testlaat%'")
    assert told == ["0"]
