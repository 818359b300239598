"""From the answer to a change until its effect is seen elsewhere: how long it takes, seen as often as one can look."""

import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tooling import demo
from tooling.settings import MANDATE_REGISTRY, ORGANISATION_RIGHTS, PROFILE_RESOLUTION

from . import api, journey, people, suite, tokens
from .journey import Visit
from .people import Someone

LONGEST = 5.0
HOLDERS = 20


@dataclass
class Holder:
    """A mandate holder with a portal tab and tokens of her own."""

    who: Someone
    visit: Visit
    tokens: tokens.PersonTokens
    person: str
    context: str = ""
    mandate: str = ""
    page: str = ""


def stops(count: int) -> dict[str, list[float]]:
    """Stops mandates and looks at introspection, at the holder's open portal tab and at her profile list."""
    grantor, *candidates = people.fresh(min(HOLDERS, count) + 1)
    people.care_provider(grantor.national_number, grantor.last_name)
    give(grantor, candidates, 0)
    giver = tokens.of(grantor, "Verpleegkundige")
    with ThreadPoolExecutor(8) as workers:
        holders = list(workers.map(enter, candidates))
    measured: dict[str, list[float]] = {"introspection": [], "portal": [], "profile list": []}
    for number in range(count):
        if number % len(holders) == 0:
            if number:
                give(grantor, candidates, number // len(holders))
                giver = tokens.refreshed(giver)
            with ThreadPoolExecutor(8) as workers:
                list(workers.map(lambda holder: open_grantor(holder, grantor), holders))
        stop(holders[number % len(holders)], giver, measured)
    return measured


def give(grantor: Someone, holders: list[Someone], number: int) -> None:
    """One mandate for each holder; another start each time, since the one before was stopped."""
    suite.wait_for(lambda: demo.caught_up(suite.current()), 30, "that the services know each other's events")
    people.load(MANDATE_REGISTRY, "mandates", [
        people.mandate_row(grantor, holder, f"2026-01-{number + 1:02d}") for holder in holders])
    suite.wait_for(lambda: demo.caught_up(suite.current()), 30, "that the services know each other's events")


def enter(who: Someone) -> Holder:
    """Signs the holder in at the portal, and with the same session as a client that shows its tokens."""
    visit = journey.enter(who)
    own = tokens.of(who, session=visit.session)
    return Holder(who, visit, own, api.person_id(who.national_number))


def open_grantor(holder: Holder, grantor: Someone) -> None:
    """Opens the grantor's dossier in the holder's portal tab, and as a context of a client's own."""
    visit = holder.visit
    visit.open(f"{visit.portal}/welcome")
    visit.at("Mandaatgever zoeken")
    visit.open_grantor(grantor.last_name)
    holder.page = visit.url
    holder.tokens = tokens.refreshed(holder.tokens)
    found = api.call(MANDATE_REGISTRY, "POST", "/grantors/search", token=holder.tokens.at(MANDATE_REGISTRY),
                     json_body={"page": 1})
    answer = tokens.open_dossier(holder.tokens, found.json()["grantors"][0]["dossierId"])
    assert answer.status == 200, answer.body
    holder.context, holder.mandate = answer.json()["access_token"], answer.json()["mandateId"]


def stop(holder: Holder, giver: tokens.PersonTokens, measured: dict[str, list[float]]) -> None:
    """Stops one mandate, and times from the answer until each place refuses."""
    introspector = api.service_token("inspection", "introspect")
    reader = api.service_token("inspection", "profiles.read")

    def inactive() -> bool:
        answer = api.call(MANDATE_REGISTRY, "POST", "/introspect", token=introspector, form={"token": holder.context})
        return answer.status == 200 and answer.json()["active"] is False

    def refused_page() -> bool:
        holder.visit.open(holder.page)
        return holder.visit.status == 403

    def gone_from_list() -> bool:
        answer = api.call(PROFILE_RESOLUTION, "GET", f"/persons/{holder.person}/profiles", token=reader)
        return answer.status == 200 and not answer.json()["profiles"][0]["holdsMandates"]

    assert not inactive() and not refused_page() and not gone_from_list(), "before the stop everything is open"
    answer = api.call(MANDATE_REGISTRY, "POST", f"/mandates/{holder.mandate}/stop", token=giver.at(MANDATE_REGISTRY))
    assert answer.status == 200, answer.body
    watch({"introspection": inactive, "portal": refused_page, "profile list": gone_from_list}, measured)


def rights(count: int) -> dict[str, list[float]]:
    """Gives a right and takes it away, and looks at the person's profile list."""
    who = people.fresh()[0]
    journey.enter(who)
    person = api.person_id(who.national_number)
    manager = tokens.of(people.persona("els.wouters"))
    managed = api.call(ORGANISATION_RIGHTS, "GET", "/me/organisations", token=manager.at(ORGANISATION_RIGHTS))
    organisation = managed.json()["organisations"][0]["organisationId"]
    reader = api.service_token("inspection", "profiles.read")
    measured: dict[str, list[float]] = {"right given": [], "right ended": []}

    def listed() -> bool:
        answer = api.call(PROFILE_RESOLUTION, "GET", f"/persons/{person}/profiles", token=reader)
        return answer.status == 200 and any(entry["profile"]["kind"] == "organisation" and entry["available"]
                                            for entry in answer.json()["profiles"])

    for _ in range(count):
        given = api.call(ORGANISATION_RIGHTS, "POST", f"/organisations/{organisation}/rights",
                         token=manager.at(ORGANISATION_RIGHTS),
                         json_body={"nationalNumber": who.national_number, "lastName": who.last_name,
                                    "role": "member", "startsOn": people.today()})
        assert given.status in (200, 201), given.body
        watch({"right given": listed}, measured)
        ended = api.call(ORGANISATION_RIGHTS, "POST",
                         f"/organisations/{organisation}/rights/{given.json()['rightId']}/end",
                         token=manager.at(ORGANISATION_RIGHTS))
        assert ended.status == 200, ended.body
        watch({"right ended": lambda: not listed()}, measured)
    return measured


def watch(places: dict[str, Callable[[], bool]], measured: dict[str, list[float]]) -> None:
    """Looks at several places at once until each shows the effect; a place that never does adds no time."""
    begin = time.monotonic()

    def look(place: str, shows: Callable[[], bool]) -> None:
        while time.monotonic() < begin + LONGEST + 1:
            if shows():
                measured[place].append(time.monotonic() - begin)
                return
            time.sleep(0.002)

    workers = [threading.Thread(target=look, args=item) for item in places.items()]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def percentile(times: list[float], part: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def lines(measured: dict[str, list[float]]) -> list[str]:
    return [f"measured {place}: {len(times)} times, p50 {statistics.median(times) * 1000:.0f} ms, "
            f"p99 {percentile(times, 0.99) * 1000:.0f} ms, longest {max(times) * 1000:.0f} ms"
            for place, times in measured.items() if times]


def measured_as_markdown(count: int) -> str:
    """The same for the results page."""
    rows = []
    for name, measured in (("mandate stopped → ", stops(count)), ("", rights(max(1, count // 5)))):
        for place, times in measured.items():
            rows.append(f"| {name}{place} | {len(times)} | {statistics.median(times) * 1000:.1f} "
                        f"| {percentile(times, 0.99) * 1000:.1f} | {max(times) * 1000:.1f} |")
    return "\n".join([
        "## From a change to its effect", "",
        "From the answer to the change until somebody who asks again and again sees the effect; every look costs a "
        "request. Introspection refuses from the commit on; the other two follow the event.", "",
        "| change and place | times | p50 ms | p99 ms | longest ms |", "| --- | --- | --- | --- | --- |", *rows])

