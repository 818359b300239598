"""Keys and passwords of the development environment: made once by openssl, kept in the state folder for its owner."""

import base64
import json
import os
import secrets as random
from hashlib import sha256
from pathlib import Path

from .settings import Settings
from .terminal import run

EVENT_SIGNERS = ["authentication", "profile-resolution", "mandate-registry", "organisation-rights"]
"""The services that publish events or ask for them."""


def _kept(settings: Settings, name: str, make) -> Path:
    settings.secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = settings.secrets / name
    if not path.exists():
        draft = path.with_suffix(path.suffix + ".new")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(make())
        draft.replace(path)
    return path


def password_file(settings: Settings, name: str) -> Path:
    """The file with a password of 192 random bits."""
    return _kept(settings, f"{name}.password", lambda: random.token_urlsafe(24))


def password(settings: Settings, name: str) -> str:
    return password_file(settings, name).read_text(encoding="ascii").strip()


def symmetric_key_file(settings: Settings, name: str) -> Path:
    """The file with a key of 256 random bits, in base64."""
    return _kept(settings, f"{name}.key", lambda: run(["openssl", "rand", "-base64", "32"]).strip() + "\n")


def signing_key_file(settings: Settings, name: str) -> Path:
    """The file with a private key on the curve P-256 (ES256), PKCS #8 in PEM."""
    return _kept(settings, f"{name}.pem", lambda: run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]))


def public_jwk(settings: Settings, name: str) -> dict[str, str]:
    """The public half of a signing key, as the JSON Web Key that a client registration carries."""
    pem = run(["openssl", "pkey", "-in", signing_key_file(settings, name), "-pubout"])
    body = base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-----")))
    x, y = _base64url(body[-64:-32]), _base64url(body[-32:])
    # The key's id is its thumbprint (RFC 7638), so that nobody has to agree on a name.
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    return {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
            "kid": _base64url(sha256(canonical.encode()).digest()), "x": x, "y": y}


def event_key_file(settings: Settings, name: str) -> Path:
    """The file with the Ed25519 private key by which a service signs what it publishes, PKCS #8 in PEM."""
    return _kept(settings, f"events-{name}.pem", lambda: run(["openssl", "genpkey", "-algorithm", "ed25519"]))


def event_keys_file(settings: Settings) -> Path:
    """The file with the public halves of all services' event keys: one for all of them."""
    keys = [_event_jwk(settings, name) for name in EVENT_SIGNERS]
    path = settings.secrets / "event-keys.json"
    text = json.dumps({"keys": keys}, indent=2) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path


def _event_jwk(settings: Settings, name: str) -> dict[str, str]:
    pem = run(["openssl", "pkey", "-in", event_key_file(settings, name), "-pubout"])
    body = base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-----")))
    x = _base64url(body[-32:])
    kid = _base64url(sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest())
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "source": name, "state": "current"}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
