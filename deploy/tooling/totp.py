"""The code that a mobile app shows (RFC 6238 with SHA-1, six digits, steps of 30 s), for signing in by hand and in tests."""

import base64
import hmac
import time


def code(secret: str, at: float | None = None) -> str:
    """The code of a base32 secret at a time in seconds since 1970."""
    step = int(time.time() if at is None else at) // 30
    key = base64.b32decode(secret.replace(" ", "").upper() + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset:offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 1_000_000:06d}"


def seconds_left(at: float | None = None) -> int:
    """How long the current code is still shown."""
    return 30 - int(time.time() if at is None else at) % 30
