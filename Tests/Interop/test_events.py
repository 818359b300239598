"""Signed records against programs of others: Ed25519 of python-cryptography, and a Kafka client that is not ours."""

import base64
import json
import os
import secrets
import subprocess
import time
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from support import signatures

ORACLE = Path(os.environ.get("TOEGANG_TEST_PRODUCTS", ".build/release")) / "event-oracle"
BOOTSTRAP = os.environ.get("TOEGANG_TEST_KAFKA", "127.0.0.1:8111")
PLACE = ("acceptance", "toegang.mandates.v1", 21)


def oracle(*words: object, given: str = "") -> list[str]:
    done = subprocess.run([ORACLE, *map(str, words)], input=given, text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def values(count: int) -> list[bytes]:
    return [f"{number}:".encode() + secrets.token_bytes(number * 7 % 300) for number in range(count)]


@pytest.fixture
def key(tmp_path: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes_raw()
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [{
        "kty": "OKP", "crv": "Ed25519", "x": base64url(public), "kid": base64url(signatures.thumbprint(public)),
        "source": "mandate-registry", "state": "current"}]}))
    return key


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize("count", [1, 2, 3, 100, 128, 200])
def test_what_we_sign_is_verified_by_others(key: Ed25519PrivateKey, tmp_path: Path, count: int) -> None:
    public = key.public_key()
    keys = {signatures.thumbprint(public.public_bytes_raw()): public}
    told = values(count)
    signed = oracle("sign", tmp_path / "key.pem", *PLACE, given="\n".join(value.hex() for value in told) + "\n")
    assert len(signed) == count
    for value, line in zip(told, signed, strict=True):
        same, header = (bytes.fromhex(part) for part in line.split(" "))
        assert same == value
        assert signatures.verify(header, signatures.leaf(*PLACE, value), keys)
        assert not signatures.verify(header, signatures.leaf(*PLACE, value + b"!"), keys)
        assert not signatures.verify(header, signatures.leaf("production", *PLACE[1:], value), keys)


@pytest.mark.parametrize("count", [1, 5, 100, 128])
def test_what_others_sign_is_verified_by_us(key: Ed25519PrivateKey, tmp_path: Path, count: int) -> None:
    told = values(count)
    headers = signatures.sign(key, [signatures.leaf(*PLACE, value) for value in told])
    records = "".join(f"{value.hex()} {header.hex()}\n" for value, header in zip(told, headers, strict=True))
    assert oracle("verify", tmp_path / "keys.json", *PLACE, given=records) == ["mandate-registry"] * count
    elsewhere = oracle("verify", tmp_path / "keys.json", *PLACE[:2], 20, given=records)
    assert elsewhere == ["wrong-signature"] * count


def test_binary_headers_pass_between_us_and_another_client(key: Ed25519PrivateKey) -> None:
    topic = f"interop.{secrets.token_hex(8)}"
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])[topic].result(timeout=20)
    ours = [(b"ours", bytes(range(256))), (b"none", b"")]
    oracle("send", BOOTSTRAP, topic, given="".join(f"{value.hex()} {header.hex()}\n" for value, header in ours))
    producer = Producer({"bootstrap.servers": BOOTSTRAP})
    theirs = (b"theirs", signatures.sign(key, [signatures.leaf(*PLACE, b"theirs")])[0])
    producer.produce(topic, value=theirs[0], partition=0, headers=[("toegang-signature", theirs[1]), ("other", b"x")])
    assert producer.flush(20) == 0

    consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": topic, "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, 0)])
    read: list[tuple[bytes, bytes]] = []
    deadline = time.monotonic() + 20
    while len(read) < 3 and time.monotonic() < deadline:
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            read.append((message.value(), dict(message.headers() or [])["toegang-signature"] or b""))
    consumer.close()
    assert read == [*ours, theirs]
    lines = oracle("read", BOOTSTRAP, topic, 3)
    assert lines == [f"{value.hex()} {header.hex()}" for value, header in [*ours, theirs]]


def test_the_measured_time_of_a_check_is_printed() -> None:
    lines = oracle("measure", 1)
    assert len(lines) == 2
    for line in lines:
        assert line.startswith("measured verification per event of 700 bytes, runs of ")
        print(line)
