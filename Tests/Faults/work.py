"""People at work while processes are killed, and what they were told: every confirmed fact is kept here to be compared."""

import datetime
import http.client
import itertools
import threading
import time
import traceback
import urllib.error

from support import api, journey, people, tokens
from support.people import Someone
from support.suite import psql
from tooling.settings import MANDATE_REGISTRY, ORGANISATION_RIGHTS, PROFILE_RESOLUTION, Service

OUTAGE = (OSError, http.client.HTTPException, urllib.error.URLError)
"""What a client meets when a process dies under its request: it does not know whether its write took place."""


class Uncertain(Exception):
    """The suite could not answer, and said so or was cut off."""


class Refused(Exception):
    """The suite answered something that no outage explains."""


def ask(*arguments, expect: tuple[int, ...] = (200,), **options) -> api.Answer:
    """One request; an outage is `Uncertain`, anything else that is not expected is `Refused`."""
    try:
        answer = api.call(*arguments, **options)
    except OUTAGE as error:
        raise Uncertain(repr(error)) from error
    if answer.status in expect:
        return answer
    if answer.status >= 500:
        raise Uncertain(f"{arguments[1]} {arguments[2]}: {answer.status}")
    raise Refused(f"{arguments[1]} {arguments[2]}: {answer.status} {answer.body[:400]!r}")


class Signed:
    """Somebody's tokens, renewed before they end and whenever they are not taken any more."""

    def __init__(self, who: Someone, profile: str = "Burger"):
        self.who, self.profile = who, profile
        self.tokens: tokens.PersonTokens | None = None
        self.since = 0.0

    def access(self, service: Service) -> str:
        if self.tokens is None or time.monotonic() - self.since > 200:
            self.sign_in()
        assert self.tokens is not None
        try:
            return self.tokens.at(service)
        except (*OUTAGE, AssertionError) as error:
            raise Uncertain(f"refresh: {error!r}"[:300]) from error

    def sign_in(self) -> None:
        try:
            self.tokens = tokens.of(self.who, self.profile)
        except (*OUTAGE, AssertionError, StopIteration) as error:
            raise Uncertain(f"sign-in: {error!r}"[:300]) from error
        self.since = time.monotonic()


class Worker(threading.Thread):
    """Does one kind of work again and again; outages are overcome, refusals are remembered as failures."""

    rest = 0.05
    """Seconds between two steps, so that the machine has time for the processes too."""

    def __init__(self, name: str):
        super().__init__(name=name, daemon=True)
        self.confirmed = 0
        self.uncertain = 0
        self.refusals: list[str] = []
        self.last_trouble = ""
        self.ending = threading.Event()

    def run(self) -> None:
        while not self.ending.is_set():
            try:
                self.step()
                self.confirmed += 1
                self.ending.wait(self.rest)
            except Uncertain as trouble:
                self.uncertain += 1
                self.last_trouble = str(trouble)
                self.ending.wait(0.1)
            except Exception:  # noqa: BLE001 - whatever it is, the test has to show it
                self.refusals.append(traceback.format_exc())
                self.ending.wait(0.5)

    def step(self) -> None:
        raise NotImplementedError

    def verify(self) -> None:
        """Compares what was confirmed with what the suite says now."""


class ContactChanges(Worker):
    """A care provider who changes the contact data of her dossier, each time to something new."""

    def __init__(self, who: Someone):
        super().__init__(f"contact of {who.username}")
        self.signed = Signed(who, "Verpleegkundige")
        self.numbers = itertools.count(1)
        self.last_confirmed = 0
        self.attempted: list[int] = []
        self.dossier = ""

    def read(self) -> tuple[dict, str]:
        answer = ask(PROFILE_RESOLUTION, "GET", "/me/dossier", token=self.signed.access(PROFILE_RESOLUTION),
                     expect=(200, 401))
        if answer.status == 401:
            self.signed.sign_in()
            raise Uncertain("the token ended")
        view = answer.json()
        self.dossier = view["dossierId"]
        return view["contact"], next(value for key, value in answer.headers.items() if key.lower() == "etag")

    def step(self) -> None:
        contact, version = self.read()
        number = next(self.numbers)
        self.attempted.append(number)
        answer = ask(
            PROFILE_RESOLUTION, "PUT", f"/dossiers/{self.dossier}/contact",
            token=self.signed.access(PROFILE_RESOLUTION),
            headers={"If-Match": version}, json_body={**contact, "street": f"Storingstraat {number}"},
            # Another version: a change that was cut off had taken place.
            expect=(200, 401, 409, 412))
        if answer.status != 200:
            if answer.status == 401:
                self.signed.sign_in()
            raise Uncertain(f"{answer.status}")
        self.last_confirmed = number

    def verify(self) -> None:
        contact, _ = self.read()
        now = int(contact["street"].removeprefix("Storingstraat "))
        later = [number for number in self.attempted if number > self.last_confirmed]
        assert now == self.last_confirmed or now in later, f"{self.name}: {now}, confirmed was {self.last_confirmed}"
        told = int(psql("SELECT count(*) FROM profile_resolution.outbox WHERE type = 'care-provider.contact-changed' "
                        f"AND key = '{self.dossier}'")[0])
        assert self.confirmed <= told <= len(self.attempted), f"{self.name}: {self.confirmed} confirmed, {told} told"


class Rights(Worker):
    """A chief access manager who gives rights, and ends every other one again."""

    def __init__(self, who: Someone):
        super().__init__(f"rights by {who.username}")
        self.signed = Signed(who)
        self.subject = people.fresh()[0]
        self.days = itertools.count()
        self.organisation = ""
        self.given: set[str] = set()
        self.ended: set[str] = set()
        self.maybe_ended: set[str] = set()

    def call(self, method: str, path: str, expect: tuple[int, ...], **options) -> api.Answer:
        answer = ask(ORGANISATION_RIGHTS, method, path, token=self.signed.access(ORGANISATION_RIGHTS),
                     expect=(*expect, 401), **options)
        if answer.status == 401:
            self.signed.sign_in()
            raise Uncertain("the token ended")
        return answer

    def step(self) -> None:
        if not self.organisation:
            found = self.call("GET", "/me/organisations", (200,)).json()["organisations"]
            self.organisation = found[0]["organisationId"]
        path = f"/organisations/{self.organisation}/rights"
        # Each time for another day: the same right is not given twice.
        day = (datetime.date.today() + datetime.timedelta(days=1 + next(self.days))).isoformat()
        right = self.call("POST", path, (201,), json_body={
            "nationalNumber": self.subject.national_number, "lastName": self.subject.last_name, "role": "member",
            "startsOn": day, "endsOn": day}
        ).json()["rightId"]
        self.given.add(right)
        if len(self.given) % 2:
            self.maybe_ended.add(right)
            self.call("POST", f"{path}/{right}/end", (200,))
            self.ended.add(right)

    def verify(self) -> None:
        found: dict[str, str] = {}
        path, after = f"/organisations/{self.organisation}/rights", ""
        while True:
            page = self.call("GET", path + after, (200,)).json()
            found |= {right["rightId"]: right["status"] for right in page["rights"]}
            if not page.get("next"):
                break
            after = f"?after={page['next']}"
        told = dict(line.split("|") for line in psql(
            "SELECT DISTINCT ON (key) key, type FROM organisation_rights.outbox WHERE type LIKE 'right.%' "
            "ORDER BY key, sequence DESC"))
        for right in self.given:
            if right in self.ended:
                assert found.get(right, "ended") == "ended" and told[right] == "right.ended", f"{right} holds again"
            elif right not in self.maybe_ended:
                assert found.get(right) == "active" and told[right] == "right.given", f"{right} is lost"


class Mandates(Worker):
    """An authority that delivers mandates, and the grantor who stops each of them."""

    def __init__(self, grantor: Someone):
        super().__init__(f"mandates of {grantor.username}")
        self.signed = Signed(grantor, "Verpleegkundige")
        self.grantor = grantor
        self.holder = people.fresh()[0]
        self.starts = (datetime.date(2020, 1, 1) + datetime.timedelta(days) for days in itertools.count())
        self.stopped: set[str] = set()

    def step(self) -> None:
        # What an earlier step could not stop still holds, and the next mandate would overlap it.
        for mandate in self.given():
            if mandate["status"] == "active":
                ask(MANDATE_REGISTRY, "POST", f"/mandates/{mandate['mandateId']}/stop",
                    token=self.signed.access(MANDATE_REGISTRY),
                    expect=(200, 409))
                self.stopped.add(mandate["mandateId"])
        try:
            # Another start each time: an ended mandate is not revived by a delivery.
            people.load(MANDATE_REGISTRY, "mandates", [
                people.mandate_row(self.grantor, self.holder, f"{next(self.starts)}")])
        except AssertionError as error:
            # A verdict on the row is an answer; anything else is an import that was cut off.
            kind = Refused if ": refused: " in str(error) else Uncertain
            raise kind(str(error)[:400]) from error

    def given(self) -> list[dict]:
        answer = ask(MANDATE_REGISTRY, "GET", "/mandates/given", token=self.signed.access(MANDATE_REGISTRY),
                     expect=(200, 401))
        if answer.status == 401:
            self.signed.sign_in()
            raise Uncertain("the token ended")
        return answer.json()["mandates"]

    def verify(self) -> None:
        now = {mandate["mandateId"]: mandate["status"] for mandate in self.given()}
        told = dict(line.split("|") for line in psql(
            "SELECT DISTINCT ON (key) key, type FROM mandate_registry.outbox ORDER BY key, sequence DESC"))
        for mandate in self.stopped:
            assert now.get(mandate, "stopped") == "stopped" and told[mandate] == "mandate.stopped", mandate
        delivered = int(psql(
            "SELECT count(DISTINCT key) FROM mandate_registry.outbox WHERE key IN "
            f"(SELECT key FROM mandate_registry.outbox WHERE envelope LIKE '%{self.person()}%')")[0])
        assert delivered >= self.confirmed, f"{self.confirmed} mandates were confirmed, {delivered} are there"

    def person(self) -> str:
        """The grantor's id, as her events name her."""
        return psql(f"SELECT envelope::jsonb->'data'->>'grantorPersonId' FROM mandate_registry.outbox "
                    f"WHERE key = '{next(iter(self.stopped))}' LIMIT 1")[0]


class SignIns(Worker):
    """People who sign in at the portal, choose a profile and sign out again."""

    def __init__(self, everybody: list[Someone]):
        super().__init__("sign-ins")
        self.turns = itertools.cycle(everybody)

    def step(self) -> None:
        try:
            visit = journey.enter(next(self.turns))
            if visit.status >= 500 or not visit.url.startswith(visit.portal):
                raise Uncertain(visit.describe())
        except (*OUTAGE, AssertionError, StopIteration) as error:
            raise Uncertain(repr(error)[:300]) from error
