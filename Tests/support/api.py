"""The suite's APIs as a client program calls them: client authentication by `private_key_jwt`, JSON in and out."""

import base64
import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass

from tooling import secrets
from tooling.settings import AUTHENTICATION, Service

from .suite import current

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    def json(self) -> dict:
        return json.loads(self.body)


def call(service: Service, method: str, path: str, *, token: str | None = None, json_body: object = None,
         form: dict[str, str] | None = None, headers: dict[str, str] | None = None, base: str | None = None) -> Answer:
    """One request; any status is an answer."""
    data, given = None, dict(headers or {})
    if json_body is not None:
        data, given["Content-Type"] = json.dumps(json_body).encode(), "application/json"
    if form is not None:
        data, given["Content-Type"] = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
    if token is not None:
        given["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request((base or current().url(service)) + path, data, given, method=method)
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return Answer(answer.status, answer.read(), dict(answer.headers))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(), dict(error.headers))


def assertion(client: str) -> str:
    """A client assertion, signed with the key that the environment made for this client."""
    key = secrets.signing_key_file(current(), f"client-{client}")
    now = int(time.time())
    header = {"alg": "ES256", "typ": "JWT", "kid": secrets.public_jwk(current(), f"client-{client}")["kid"]}
    claims = {"iss": client, "sub": client, "aud": current().url(AUTHENTICATION), "iat": now, "exp": now + 60,
              "jti": str(uuid.uuid4())}
    signed = ".".join(_encode(json.dumps(part).encode()) for part in (header, claims))
    der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=signed.encode(), capture_output=True,
                         check=True).stdout
    return f"{signed}.{_encode(_raw(der))}"


AUDIENCES = {
    "interactions": "urn:toegang:authentication", "persons.resolve": "urn:toegang:authentication",
    "profiles.read": "urn:toegang:profile-resolution", "dossier-context": "urn:toegang:mandate-registry",
    "introspect": "urn:toegang:mandate-registry",
}
"""The API that each scope of a client opens."""

KEPT: dict[tuple[str, str], tuple[str, float]] = {}


def service_token(client: str, scope: str) -> str:
    """An access token of a service itself (client credentials), kept while it lasts."""
    token, end = KEPT.get((client, scope), ("", 0.0))
    if end > time.monotonic():
        return token
    answer = call(AUTHENTICATION, "POST", "/token", form={
        "grant_type": "client_credentials", "scope": scope, "client_id": client, "resource": AUDIENCES[scope],
        "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion(client)})
    assert answer.status == 200, f"/token answered {answer.status}: {answer.body[:500]!r}"
    token = answer.json()["access_token"]
    KEPT[client, scope] = token, time.monotonic() + answer.json()["expires_in"] - 60
    return token


def person_id(national_number: str) -> str:
    """The id under which the services know a person."""
    answer = call(AUTHENTICATION, "POST", "/persons/resolve",
                  token=service_token("mandate-registry", "persons.resolve"), json_body={"mode": "look-up", "nationalNumbers": [national_number]})
    assert answer.status == 200, answer.body
    return answer.json()["persons"][0]["personId"]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _raw(der: bytes) -> bytes:
    """The two numbers of an ECDSA signature, 32 bytes each, out of their DER form."""
    first = der[4:4 + der[3]]
    rest = der[4 + der[3]:]
    second = rest[2:2 + rest[1]]
    return b"".join(number.lstrip(b"\0").rjust(32, b"\0") for number in (first, second))
