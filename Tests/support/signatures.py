"""The signatures of events, written anew from Shared/Docs/events.md: what a reader in another language has to do."""

import base64
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def thumbprint(public: bytes) -> bytes:
    x = base64.urlsafe_b64encode(public).rstrip(b"=").decode()
    return sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest()


def leaf(environment: str, topic: str, partition: int, value: bytes) -> bytes:
    fields = [b"toegang-record-1", environment.encode(), topic.encode()]
    head = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return sha256(b"\0" + head + partition.to_bytes(4, "big") + len(value).to_bytes(4, "big") + value).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def verify(header: bytes, leaf_hash: bytes, keys: dict[bytes, Ed25519PublicKey]) -> bool:
    """Whether one of the keys signed the record whose leaf this is."""
    if len(header) < 99 or header[0] != 1 or len(header) != 99 + 32 * header[34] or header[34] > 7:
        return False
    kid, index, depth, signature = header[1:33], header[33], header[34], header[-64:]
    if kid not in keys or index >= 1 << depth:
        return False
    current = leaf_hash
    for level in range(depth):
        other = header[35 + 32 * level:67 + 32 * level]
        current = node(other, current) if index >> level & 1 else node(current, other)
    try:
        keys[kid].verify(signature, b"toegang-run-1\0" + current)
    except InvalidSignature:
        return False
    return True


def sign(key: Ed25519PrivateKey, leaves: list[bytes]) -> list[bytes]:
    """The headers of a run of at most 128 records."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        level = levels[-1] + [bytes(32)] * (len(levels[-1]) % 2)
        levels.append([node(level[at], level[at + 1]) for at in range(0, len(level), 2)])
    signature = key.sign(b"toegang-run-1\0" + levels[-1][0])
    kid = thumbprint(key.public_key().public_bytes_raw())
    headers = []
    for index in range(len(leaves)):
        path = []
        for height, level in enumerate(levels[:-1]):
            neighbour = index >> height ^ 1
            path.append(level[neighbour] if neighbour < len(level) else bytes(32))
        headers.append(bytes([1]) + kid + bytes([index, len(path)]) + b"".join(path) + signature)
    return headers
