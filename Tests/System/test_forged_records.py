"""Somebody who can write to every topic: he gives no right, halts no partition and stops no process; it is counted."""

import json
import re
import uuid
from datetime import datetime, timezone
from urllib.request import urlopen

from confluent_kafka import Consumer, Producer, TopicPartition
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from support import signatures, suite
from tooling import secrets
from tooling.settings import AUTHENTICATION, MANDATE_REGISTRY, PROFILE_RESOLUTION, SERVICES

MANDATES, HEADS, RESEND = "toegang.mandates.v1", "toegang.heads.v1", "toegang.resend.v1"
LARGEST = 9_223_372_036_854_775_807
KNOWN = "SELECT id, version, status FROM profile_resolution.known_mandate ORDER BY id"
HALTED = " UNION ALL ".join(
    f"SELECT count(*) FROM {schema}.position WHERE state = 'halted'"
    for schema in ("authentication", "profile_resolution", "mandate_registry"))


def refused(service) -> int:
    """How many records both instances of a service have refused to believe."""
    here = suite.current()
    total = 0
    for instance in (1, 2):
        text = urlopen(f"{here.health_url(service, instance)}/metrics", timeout=5).read().decode()
        total += sum(int(float(number)) for number in
                     re.findall(r"^toegang_record_refused_total\{[^}]*\} ([0-9.e+]+)$", text, re.M))
    return total


def last_mandate() -> tuple[int, dict, bytes, dict[str, bytes]]:
    """The last event of some partition of the mandates, as anybody can read it: partition, event, value, headers."""
    consumer = Consumer({"bootstrap.servers": suite.current().kafka_bootstrap, "group.id": f"look-{uuid.uuid4()}",
                         "enable.auto.commit": False})
    try:
        for partition in range(32):
            low, high = consumer.get_watermark_offsets(TopicPartition(MANDATES, partition), timeout=10)
            if high > low:
                consumer.assign([TopicPartition(MANDATES, partition, high - 1)])
                message = suite.wait_for(lambda: consumer.poll(1), 20, "the last mandate")
                return partition, json.loads(message.value()), message.value(), dict(message.headers())
    finally:
        consumer.close()
    raise AssertionError("no mandate was published")


def now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def forgeries() -> list[tuple[str, int, bytes]]:
    """What a stranger would send: topic, partition and value."""
    partition, event, _, _ = last_mandate()
    origin = event["source"]
    right = json.loads(json.dumps(event))
    right |= {"id": str(uuid.uuid4()), "previous": event["id"], "aggregateversion": f"{999_999:019d}",
              "sequence": f"{int(event['sequence']) + 1:019d}", "type": "be.toegang.mandate.activated"}
    right["data"] |= {"version": 999_999, "status": "active"}
    right["data"].pop("endedAt", None)
    everywhere = range(32)
    heads = [
        {"source": origin, "time": now(), "uncertain": [],
         "heads": [{"partition": n, "first": 1, "last": LARGEST, "eventId": str(uuid.uuid4())} for n in everywhere]},
        {"source": origin, "time": now(), "uncertain": [],
         "heads": [{"partition": partition, "first": 1, "last": int(event["sequence"]),
                    "eventId": str(uuid.uuid4())}]},
        {"source": origin, "time": now(), "heads": [], "uncertain": list(everywhere)},
    ]
    request = {"source": origin, "partition": partition, "from": 1, "reader": "profile-resolution",
               "projection": "mandates", "time": now()}
    return [(MANDATES, partition, json.dumps(right).encode())] \
        + [(HEADS, 0, json.dumps(item).encode()) for item in heads] + [(RESEND, 0, json.dumps(request).encode())]


def signed(key: Ed25519PrivateKey, environment: str, topic: str, partition: int, value: bytes) -> bytes:
    return signatures.sign(key, [signatures.leaf(environment, topic, partition, value)])[0]


def test_forged_records_change_nothing_and_are_counted():
    here = suite.current()
    suite.wait_until_whole()
    before = suite.psql(KNOWN)
    pids = {name: suite.pid_of(name) for name in
            (here.instance_name(service, instance) for service in SERVICES for instance in (1, 2))}
    counted = {service: refused(service) for service in (AUTHENTICATION, PROFILE_RESOLUTION, MANDATE_REGISTRY)}
    partition, _, value, headers = last_mandate()
    stranger = Ed25519PrivateKey.generate()
    # Somebody who holds the key of another service speaks for that one only.
    other = load_pem_private_key(secrets.event_key_file(here, "organisation-rights").read_bytes(), None)
    producer = Producer({"bootstrap.servers": here.kafka_bootstrap})
    for topic, place, forged in forgeries():
        for proof in (None, b"\x01", signed(stranger, here.environment, topic, place, forged),
                      signed(other, here.environment, topic, place, forged),
                      signed(other, "acceptance", topic, place, forged)):
            producer.produce(topic, value=forged, partition=place,
                             headers=[] if proof is None else [("toegang-signature", proof)])
    # A true record, with its true proof, where it was never sent.
    producer.produce(MANDATES, value=value, partition=(partition + 1) % 32, headers=list(headers.items()))
    assert producer.flush(20) == 0

    for service in counted:
        suite.wait_for(lambda: refused(service) > counted[service], 20, f"that {service.name} counts what it refuses")
    suite.wait_until_ready()
    assert suite.psql(KNOWN) == before
    assert set(suite.psql(HALTED)) == {"0"}
    for service in counted:
        for instance in (1, 2):
            answer = json.load(urlopen(f"{here.health_url(service, instance)}/health/ready", timeout=5))
            assert not answer["degraded"], answer
    assert {name: suite.pid_of(name) for name in pids} == pids
