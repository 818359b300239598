"""The database of one source, or of all, goes back to a backup while the log keeps what was told since.

All processes run, with the timing of production. Nothing is done for the suite but what a restore takes: the schema is
put back, and the instances are started anew (once they live on, as when a standby takes over).
"""

import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import agreement
import backups
from support import api, journey, people, suite, tokens
from tooling import broker, demo, supervisor
from tooling.settings import (AUTHENTICATION, MANDATE_REGISTRY, ORGANISATION_RIGHTS, PORTAL, PROFILE_RESOLUTION,
                              SERVICES, Service)

READS = {PROFILE_RESOLUTION: "/me/profiles", MANDATE_REGISTRY: "/mandates/given",
         ORGANISATION_RIGHTS: "/me/organisations"}
"""An operation of each API that a signed-in person may ask for."""


def settle() -> None:
    suite.wait_for(lambda: demo.caught_up(suite.current()), 40, "that every projection has seen every event", 0.1)


class Facts:
    """People, what they did before a backup and since, and how it shows."""

    def __init__(self, folder: Path, *services: Service):
        self.services = services
        self.owner, self.kept, self.ended, self.ghost = people.fresh(4)
        people.care_provider(self.owner.national_number, self.owner.last_name)
        self.manager = tokens.of(people.persona("els.wouters"))
        found = api.call(ORGANISATION_RIGHTS, "GET", "/me/organisations", token=self.manager.at(ORGANISATION_RIGHTS))
        self.organisation = found.json()["organisations"][0]["organisationId"]
        self.persons = {who: api.person_id(who.national_number) for who in (self.kept, self.ended, self.ghost)}
        self.owners = tokens.of(self.owner, "Verpleegkundige")
        for service in READS:
            self.owners.at(service)
        self.dossier = api.call(PROFILE_RESOLUTION, "GET", "/me/dossier",
                                token=self.owners.at(PROFILE_RESOLUTION)).json()["dossierId"]
        self.rights: dict[people.Someone, str] = {}
        self.mandates: dict[people.Someone, str] = {}
        settle()
        for who in (self.kept, self.ended):
            self.give(who)
        settle()
        self.holders = tokens.of(self.ended)
        self.holders.at(MANDATE_REGISTRY)
        self.backup = backups.take(folder, *services)
        self.go_on()
        settle()
        self.told, self.heads = told_versions(), told_heads()

    def go_on(self) -> None:
        """What the backup does not have."""
        self.give(self.ghost)
        people.care_provider(people.fresh_number(), "Verloren")
        self.end("the mandate", MANDATE_REGISTRY, self.owners, f"/mandates/{self.mandates[self.ended]}/stop")
        self.end("the right", ORGANISATION_RIGHTS, self.manager,
                 f"/organisations/{self.organisation}/rights/{self.rights[self.ended]}/end")
        self.lost = tokens.of(self.ghost)
        for service in READS:
            self.lost.at(service)

    @staticmethod
    def end(what: str, service: Service, by: tokens.PersonTokens, path: str) -> None:
        answer = api.call(service, "POST", path, token=by.at(service))
        assert answer.status == 200, f"{what}: {answer.body}"

    def give(self, who: people.Someone) -> None:
        """A mandate over the owner's dossier and a right in the organisation."""
        people.load(MANDATE_REGISTRY, "mandates", [people.mandate_row(self.owner, who)])
        self.mandates[who] = suite.psql(
            f"SELECT id FROM mandate_registry.mandate WHERE holder_person = '{self.persons[who]}'")[0]
        given = api.call(ORGANISATION_RIGHTS, "POST", f"/organisations/{self.organisation}/rights",
                         token=self.manager.at(ORGANISATION_RIGHTS),
                         json_body={"nationalNumber": who.national_number, "lastName": who.last_name,
                                    "role": "member", "startsOn": people.today()})
        assert given.status == 201 and given.json()["status"] == "active", given.body
        self.rights[who] = given.json()["rightId"]

    # How it shows

    def profiles(self, who: people.Someone) -> list[dict]:
        answer = api.call(PROFILE_RESOLUTION, "GET", f"/persons/{self.persons[who]}/profiles",
                          token=api.service_token("inspection", "profiles.read"))
        return answer.json()["profiles"] if answer.status == 200 else []

    def has_right(self, who: people.Someone) -> bool:
        return any(entry["profile"]["kind"] == "organisation" and entry["available"] for entry in self.profiles(who))

    def has_mandate(self, who: people.Someone) -> bool:
        return any(entry.get("holdsMandates") for entry in self.profiles(who))

    def lost_session_is_open(self) -> bool:
        return any(api.call(service, "GET", path, token=self.lost.at(service)).status == 200
                   for service, path in READS.items())

    def others_answer(self) -> bool:
        """Whether the portal's first page and each API that did not go back are served."""
        asked = {service: api.call(service, "GET", path, token=self.owners.at(service)).status
                 for service, path in READS.items() if service not in self.services}
        # The session ends with a restore of authentication, which is an answer too.
        served = (200, 401) if AUTHENTICATION in self.services else (200,)
        return all(status in served for status in asked.values()) and api.call(PORTAL, "GET", "/").status == 200

    def closed(self) -> dict[str, Callable[[], bool]]:
        """What had ended, and would open something again if the registry believed its backup."""
        if MANDATE_REGISTRY not in self.services or AUTHENTICATION in self.services:
            return {}
        return {"a mandate that had been stopped":
                lambda: tokens.open_dossier(self.holders, self.dossier).status == 200}

    def answers_by_backup(self) -> dict[str, Callable[[], bool]]:
        """Whether a restored source answers although it is not certain yet that it knows what it told."""
        before = {service: restorations(service) for service in self.services if service is not PORTAL}

        def answers(service: Service) -> bool:
            if service is AUTHENTICATION:
                # The session is one of the backup: it is ended before anything is certain.
                form = {"grant_type": "refresh_token", "refresh_token": self.holders.refresh}
                return tokens.ask(form).status == 200
            answer = api.call(service, "GET", READS[service], token=self.owners.at(service))
            return answer.status == 200 and not is_certain(service, before[service])

        return {f"the backup of {service.short}": lambda service=service: answers(service) for service in before}

    def looks(self) -> dict[str, Callable[[], bool]]:
        """What would show that a fact grants which the restored sources do not have, or which had ended."""
        found: dict[str, Callable[[], bool]] = {}
        if ORGANISATION_RIGHTS in self.services:
            found["a right that was lost"] = lambda: self.has_right(self.ghost)
        if MANDATE_REGISTRY in self.services:
            found["a mandate that was lost"] = lambda: self.has_mandate(self.ghost)
        if AUTHENTICATION in self.services:
            found["a session that was lost"] = self.lost_session_is_open
        return found


def restorations(service: Service) -> int:
    """How many times a service has found that its database had gone back, and made safe what came back with it."""
    return int(suite.psql(
        f"SELECT count(*) FROM {service.schema}.outbox_restoration WHERE settled_at IS NOT NULL")[0])


def is_certain(service: Service, before: int) -> bool:
    """Whether it has found so once more, and nothing is left in doubt."""
    doubted = suite.psql(f"SELECT count(*) FROM {service.schema}.outbox_relay WHERE doubted")
    return restorations(service) > before and doubted == ["0"]


def told_heads() -> dict[str, int]:
    """The number of the last event by partition of each source."""
    rows = suite.psql(f"SELECT source || ':' || partition || '|' || sequence FROM ({agreement.heads()}) AS head")
    return {place: int(sequence) for place, sequence in (row.split("|") for row in rows)}


def told_versions() -> dict[str, int]:
    """The highest version that was told of each aggregate."""
    rows = suite.psql(" UNION ALL ".join(
        f"SELECT key || '|' || max((envelope::jsonb->>'aggregateversion')::bigint) FROM {schema}.outbox "
        "WHERE source <> 'access' GROUP BY key" for schema in agreement.SOURCES))
    return {key: int(version) for key, version in (row.split("|") for row in rows)}


class Watch:
    """Looks at something again and again, and remembers what it saw when."""

    def __init__(self, looks: dict[str, Callable[[], bool]]):
        self.looks = looks
        self.seen: dict[str, list[tuple[float, bool | None]]] = {name: [] for name in looks}
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.look, args=item, daemon=True) for item in looks.items()]

    def __enter__(self) -> "Watch":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.ending.set()
        for thread in self.threads:
            thread.join(30)

    def look(self, name: str, shows: Callable[[], bool]) -> None:
        while not self.ending.is_set():
            begin = time.monotonic()
            try:
                seen = shows()
            except (OSError, AssertionError, ValueError):
                # Nobody answered, which grants nothing.
                seen = None
            self.seen[name].append((begin, seen))
            self.ending.wait(0.04)

    def last(self, name: str) -> float:
        """The last moment at which it was seen."""
        return max((at for at, seen in self.seen[name] if seen), default=0.0)

    def failed(self, name: str) -> list[tuple[float, bool | None]]:
        """The looks at which it was not seen."""
        return [look for look in self.seen.get(name, []) if not look[1]]


def is_consistent(facts: Facts) -> bool:
    """Whether nothing is left in doubt, and everybody has what the sources have."""
    heads = told_heads()
    if any(heads[place] < told for place, told in facts.heads.items()) or agreement.not_applied():
        return False
    waiting = " UNION ALL ".join(f"SELECT 1 FROM {schema}.outbox_told UNION ALL "
                                 f"SELECT 1 FROM {schema}.outbox_restoration WHERE settled_at IS NULL"
                                 for schema in agreement.SOURCES)
    return not suite.psql(waiting) and not agreement.different()


def expect_whole(facts: Facts) -> None:
    for schema in agreement.SOURCES:
        assert agreement.gaps(schema) == [] and agreement.unchained(schema) == []
        assert suite.psql(f"SELECT count(*) FROM {schema}.parked") == ["0"]
    versions = told_versions()
    assert {key: (told, versions.get(key)) for key, told in facts.told.items() if versions.get(key, 0) < told} == {}
    # What was there is there, and what had ended has ended.
    assert facts.has_right(facts.kept) and facts.has_mandate(facts.kept)
    assert not facts.has_right(facts.ended) and not facts.has_mandate(facts.ended)
    # The portal publishes nothing, so nobody was told anything by it.
    for service in (service for service in facts.services if service is not PORTAL):
        answer = suite.run_command(service, "outbox", "restorations", "--operator", "the faults test")
        assert answer.returncode == 0, answer.stderr
        assert "Noticed " in answer.stdout and "Nothing waits to be corrected." in answer.stdout, answer.stdout


def restore(facts: Facts, capsys: pytest.CaptureFixture[str], act: Callable[[], float], believed: float = 0) -> None:
    """Has the database go back by what is handed in, which answers the moment from which time is taken.

    For `believed` seconds the sources may decide by the backup: those that are started anew never do.
    """
    others = {name: suite.pid_of(name) for name in backups.instances(*SERVICES)
              if name not in backups.instances(*facts.services)}
    looks = facts.looks()
    for name, shows in looks.items():
        assert shows(), name
    for name, shows in facts.closed().items():
        assert not shows(), name
    by_backup = facts.answers_by_backup()
    judged = {**looks, **facts.closed(), **by_backup}
    looks = dict(judged)
    if len(others) and PORTAL not in facts.services:
        looks["others"] = facts.others_answer
    what = ", ".join(service.short for service in facts.services)
    with Watch(looks) as watch:
        begin = act()
        suite.wait_for(lambda: is_consistent(facts), 40, "that everybody agrees again", 0.1)
        consistent = time.monotonic() - begin
    if AUTHENTICATION in facts.services:
        people.codes_are_taken()
    with capsys.disabled():
        for name in judged:
            seconds = max(0.0, watch.last(name) - begin)
            print(f"\nmeasured restore of {what}: {name} opens nothing after {seconds:.2f} s", end="")
        print(f"\nmeasured restore of {what}: consistent after {consistent:.2f} s")
    for name in judged:
        # That a session was lost is known when the log has been taken over; tokens are believed until then.
        bound = believed if name in by_backup else 20 if name == "a session that was lost" else 6
        assert watch.last(name) - begin <= bound, name
        assert name not in by_backup or any(seen is False for at, seen in watch.seen[name] if at > begin), name
    expect_whole(facts)
    assert watch.failed("others") == []
    assert {name: suite.pid_of(name) for name in others} == others
    suite.wait_until_ready()


@pytest.mark.parametrize("service", [ORGANISATION_RIGHTS, MANDATE_REGISTRY, PROFILE_RESOLUTION, AUTHENTICATION],
                         ids=lambda service: service.short)
def test_one_source_goes_back(service, tmp_path, capsys):
    facts = Facts(tmp_path, service)

    def act() -> float:
        backups.stop(service)
        facts.backup.put_back()
        return backups.start(service)

    restore(facts, capsys, act)


def test_a_source_goes_back_under_its_living_instances(tmp_path, capsys):
    facts = Facts(tmp_path, MANDATE_REGISTRY)

    def act() -> float:
        facts.backup.put_back()
        return time.monotonic()

    restore(facts, capsys, act, believed=3)


def test_all_sources_go_back_at_once(tmp_path, capsys):
    facts = Facts(tmp_path, *SERVICES)

    def act() -> float:
        backups.stop(*SERVICES)
        facts.backup.put_back()
        expect_commands_refused()
        return backups.start(*SERVICES)

    restore(facts, capsys, act)


def test_what_source_and_log_both_lost_is_refused_until_the_readers_learn_anew(tmp_path, capsys):
    facts = Facts(tmp_path, ORGANISATION_RIGHTS)
    here, readers = suite.current(), [AUTHENTICATION, PROFILE_RESOLUTION, MANDATE_REGISTRY]
    assert facts.has_right(facts.ghost)
    backups.stop(ORGANISATION_RIGHTS)
    supervisor.stop(here, ["broker"])
    facts.backup.put_back()
    for entry in broker.data_folder(here).iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    broker.start(here)
    begin = backups.start(ORGANISATION_RIGHTS)
    # The readers alone know what was told, and the source goes on as if it had never been.
    suite.wait_for(lambda: all(diverged(reader) for reader in readers), 30, "that each reader notices", 0.1)
    suite.wait_for(lambda: not facts.has_right(facts.ghost), 5, "that what both lost is refused")
    refused = time.monotonic() - begin
    with capsys.disabled():
        print(f"\nmeasured loss of source and log: a right that both lost opens nothing after {refused:.2f} s")
    for reader in readers:
        health = api.call(reader, "GET", "/health/ready", base=here.health_url(reader, 1)).json()
        assert health["degraded"] and "organisation-rights" in str(health["checks"]), health
    # As the runbook says: their instances are stopped, each projection of the source is rebuilt.
    backups.stop(*readers)
    with ThreadPoolExecutor() as commands:
        rebuilds = [commands.submit(suite.run_command, reader, "rebuild", projection)
                    for reader in readers for projection in projections(reader)]
    assert [rebuild.result().stderr for rebuild in rebuilds if rebuild.result().returncode != 0] == []
    backups.start(*readers)
    suite.wait_until_ready()
    suite.wait_for(lambda: agreement.not_applied() == [] and agreement.different() == [], 20, "that all agree", 0.1)
    assert not facts.has_right(facts.ghost) and facts.has_right(facts.kept)
    # What had ended in the lost time is active again, since no log tells of it.
    assert facts.has_right(facts.ended)


def words(service: Service, *command: str) -> list[str]:
    """Which words a command of a service takes, as its own refusal of another one lists them; none without it."""
    answer = suite.operate(service, *command) if command[0] != "import" else suite.run_command(service, *command)
    _, known, names = answer.stderr.partition("; there are: ")
    return names.partition(".")[0].split(", ") if known else []


def expect_commands_refused() -> None:
    """Every command of every source that decides by its database is refused, whether an instance of it runs or not."""
    user = people.persona("els.wouters").username
    ends = {"disable": "nobody.at.all", "end-sessions": user}
    commands: list[tuple[Service, tuple[str, ...], int]] = []
    for service in (AUTHENTICATION, *READS):
        commands += [(service, ("import", name, "/dev/null"), 2) for name in words(service, "import", "?", "/dev/null")]
        commands += [(service, (name, action, user, "--operator", "the faults test"), 1)
                     for name in ("account", "person") for action in words(service, name, "?", user)
                     if action not in ("show", *ends)]
        commands.append((service, ("outbox", "publish-again"), 1))
    assert len(commands) >= 15, commands
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda command: suite.run_command(command[0], *command[1]), commands))
    for (service, command, status), answer in zip(commands, answers):
        assert answer.returncode == status and answer.stdout == "", (service, command, answer)
        assert "more than its database knows" in answer.stderr and "Nothing was written." in answer.stderr, answer
    # What shows says so, and access is ended at any time.
    shown = suite.operate(AUTHENTICATION, "account", "show", user)
    assert shown.returncode == 0 and shown.stdout.startswith("In doubt: "), shown
    ended = suite.operate(AUTHENTICATION, "account", "end-sessions", user)
    assert ended.returncode == 0 and "In doubt: " in ended.stdout and "Sessions ended: " in ended.stdout, ended
    unknown = suite.operate(AUTHENTICATION, "account", "disable", ends["disable"])
    assert unknown.returncode == 1 and "In doubt: " in unknown.stderr, unknown
    for service in (AUTHENTICATION, *READS):
        shows = [("outbox", "restorations")] + [("waiting", "list")] * (service is not AUTHENTICATION)
        for told in (suite.operate(service, *command) for command in shows):
            assert told.returncode == 0 and told.stdout.startswith("In doubt: "), told


def diverged(reader: Service) -> bool:
    """Whether a reader stands beyond what the restored source says, and refuses what depends on it."""
    return suite.psql(f"SELECT count(*) FROM {reader.schema}.position WHERE source = 'organisation-rights' "
                      "AND state = 'halted' AND reason = 'diverged'") != ["0"]


def projections(reader: Service) -> list[str]:
    """The projections of a reader that follow the restored source."""
    return suite.psql(f"SELECT DISTINCT projection FROM {reader.schema}.position WHERE source = 'organisation-rights'")


def test_a_copy_of_a_source_beside_the_living_one_sends_nothing_and_says_so(tmp_path):
    facts = Facts(tmp_path, ORGANISATION_RIGHTS)
    before = suite.psql("SELECT id, version FROM profile_resolution.known_right ORDER BY id")
    with backups.Copy(facts.backup, ORGANISATION_RIGHTS) as copy:
        suite.wait_for(lambda: "another database sends in the name of organisation-rights" in copy.health(), 40,
                       "that the copy says what it is", 0.1)
        assert suite.psql("SELECT id, version FROM profile_resolution.known_right ORDER BY id") == before
        # The living one goes on, and its readers hear it alone.
        facts.end("the right", ORGANISATION_RIGHTS, facts.manager,
                  f"/organisations/{facts.organisation}/rights/{facts.rights[facts.ghost]}/end")
        suite.wait_for(lambda: not facts.has_right(facts.ghost), 10, "that the end is heard")
        settle()
        assert agreement.not_applied() == [] and agreement.different() == []
        assert not api.call(ORGANISATION_RIGHTS, "GET", "/health/ready",
                            base=suite.current().health_url(ORGANISATION_RIGHTS, 1)).json()["degraded"]
