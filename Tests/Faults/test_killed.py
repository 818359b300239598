"""Each process is killed with SIGKILL in turn while people work, and the broker loses its whole log once.

Nothing is done for the suite but what the supervisor does: start the killed process again. Afterwards every confirmed
fact is there, each projection has applied exactly what its source told, and each event has one audit record.
"""

import collections
import os
import shutil
import signal
import time

import pytest

import agreement
from support import people, suite
from tooling import broker, demo, status, supervisor
from tooling.settings import SERVICES
from work import ContactChanges, Mandates, Rights, SignIns, Worker


class Work:
    """All the workers, and which processes were killed how often."""

    def __init__(self):
        suite.wait_until_ready()
        owners, everybody = people.fresh(4, "Zorg"), people.fresh(24)
        for owner in owners:
            people.care_provider(owner.national_number, owner.last_name)
        suite.wait_for(lambda: demo.caught_up(suite.current()), 60, "that the services know each other's events")
        self.workers: list[Worker] = [
            *(ContactChanges(owner) for owner in owners[:3]), Rights(people.persona("els.wouters")),
            Mandates(owners[3]), SignIns(everybody)]
        self.starts = {name: entry["starts"] for name, entry in self.processes().items()}
        self.killed: collections.Counter[str] = collections.Counter()
        for worker in self.workers:
            worker.start()

    @staticmethod
    def processes() -> dict:
        return supervisor.running(suite.current())

    def wait_for_progress(self, times: int = 2, seconds: float = 120) -> None:
        """Waits until each worker got so many confirmations from now on."""
        before = {worker.name: worker.confirmed for worker in self.workers}
        for worker in self.workers:
            deadline = time.monotonic() + seconds
            while worker.confirmed < before[worker.name] + times:
                assert not worker.refusals, worker.refusals[0]
                assert time.monotonic() < deadline, f"{worker.name} gets nowhere: {worker.last_trouble}"
                time.sleep(0.05)

    def kill(self, name: str) -> None:
        """Kills a process and waits until the supervisor has started it again."""
        before = self.processes()[name]["starts"]
        suite.kill(name)
        self.killed[name] += 1
        suite.wait_for(lambda: self.processes()[name]["starts"] > before and self.processes()[name]["pid"], 30,
                       f"another start of {name}")

    def stop(self) -> None:
        for worker in self.workers:
            worker.ending.set()
        for worker in self.workers:
            worker.join(60)
            assert not worker.is_alive(), f"{worker.name} does not end"


@pytest.fixture(scope="module")
def work():
    """Work that goes on through all tests of this file."""
    begun = Work()
    yield begun
    begun.stop()


@pytest.fixture(scope="module")
def settled(work):
    """The same work, ended, and everything that it caused arrived."""
    work.wait_for_progress()
    work.stop()
    suite.wait_until_ready()
    here = suite.current()
    suite.wait_for(lambda: demo.caught_up(here), 60, "that every projection has seen every event", pause=0.2)
    for worker in work.workers:
        print(f"measured {worker.name}: {worker.confirmed} confirmed, {worker.uncertain} met an outage")
    return work


def test_work_goes_on_without_faults(work):
    work.wait_for_progress(3)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_is_killed(work, service):
    name = suite.current().instance_name(service, 1)
    work.kill(name)
    url = suite.current().health_url(service, 1)
    suite.wait_for(lambda: status.is_ready(url), 60, f"readiness of {name}")
    work.wait_for_progress()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_that_crashes_is_serving_again_within_five_seconds(work, service):
    """SIGILL is what a trap of Swift raises: the runtime's crash handler gets it as it would get an overflow."""
    name = suite.current().instance_name(service, 1)
    health, begin = suite.current().health_url(service, 1), time.monotonic()
    gone = suite.kill(name, signal.SIGILL)
    suite.wait_for(lambda: suite.pid_of(name) not in (None, gone) and status.is_ready(health), 30, f"{name} again")
    assert time.monotonic() - begin < 5
    work.killed[name] += 1
    work.wait_for_progress()


def test_the_broker_is_killed(work):
    work.kill("broker")
    work.wait_for_progress()


def test_the_broker_loses_its_whole_log(work):
    here = suite.current()
    pid = suite.pid_of("broker")
    assert pid is not None
    before = work.processes()["broker"]["starts"]
    # Stopped first, so that it cannot write down again what is taken away.
    os.kill(pid, signal.SIGSTOP)
    for entry in broker.data_folder(here).iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    os.kill(pid, signal.SIGKILL)
    work.killed["broker"] += 1
    suite.wait_for(lambda: work.processes()["broker"]["starts"] > before, 30, "another start of the broker")
    work.wait_for_progress()


def test_postgresql_is_killed(work):
    work.kill("postgres")
    work.wait_for_progress()


def test_nobody_was_refused_for_want_of_a_process(settled):
    assert [refusal for worker in settled.workers for refusal in worker.refusals] == []


def test_every_confirmed_fact_is_there(settled):
    for worker in settled.workers:
        worker.verify()


@pytest.mark.parametrize("schema", agreement.SOURCES)
def test_the_numbers_of_a_source_have_no_gap(settled, schema):
    assert agreement.gaps(schema) == []
    assert agreement.unchained(schema) == []


def test_every_projection_has_applied_exactly_what_its_source_told(settled):
    assert agreement.not_applied() == []
    compared = int(suite.psql(f"WITH position AS ({agreement.positions()}) SELECT count(*) FROM position")[0])
    assert compared >= 32 * 9, "projections are missing"
    for schema in agreement.SOURCES:
        assert suite.psql(f"SELECT count(*) FROM {schema}.parked") == ["0"]


@pytest.mark.parametrize("schema", agreement.SOURCES)
def test_each_event_has_one_audit_record(settled, schema):
    events, different, recorded = map(int, suite.psql(f"""
        SELECT count(*), count(DISTINCT outbox.event_id), count(audit_record.id)
        FROM {schema}.outbox LEFT JOIN {schema}.audit_record ON audit_record.id = outbox.audit_id
        """)[0].split("|"))
    assert events == different == recorded
    assert events > 0


def test_nothing_but_the_killed_processes_was_started_again(settled):
    again = {name: entry["starts"] - settled.starts.get(name, 0) for name, entry in settled.processes().items()}
    assert {name: count for name, count in again.items() if count} == dict(settled.killed)
