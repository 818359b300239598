"""A second portal, registered by README.md to the letter; and sign-ins with two clicks and in two tabs."""

import base64
import hashlib
import json
import re
import secrets
import signal
import subprocess
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from support import api, people, suite
from support.people import persona
from tooling.settings import AUTHENTICATION


class Portal:
    """A portal of a few lines: its start page sends the browser away, its callback keeps what came back."""

    def __init__(self):
        portal = self
        self.answers: list[dict[str, list[str]]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                if parts.path == "/callback":
                    portal.answers.append(parse_qs(parts.query))
                body = f"<!doctype html><html lang=nl><title>Zorgportaal</title><h1>{parts.path}</h1>".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.verifier = secrets.token_urlsafe(48)

    def start(self, **more: str) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        return f"{suite.current().url(AUTHENTICATION)}/authorize?" + urlencode({
            "response_type": "code", "client_id": "care-portal", "redirect_uri": f"{self.address}/callback",
            "scope": "openid profile email", "code_challenge": challenge, "code_challenge_method": "S256", **more})


def section() -> str:
    """What README.md says on registering a portal."""
    readme = (suite.ROOT / "README.md").read_text(encoding="utf-8")
    return readme.split("## Register a portal")[1].split("\n## ")[0]


def assertion(key, audience: str) -> str:
    def part(value) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    # As widespread libraries sign: for an hour, with a fraction.
    claims = {"iss": "care-portal", "sub": "care-portal", "aud": audience, "jti": str(uuid.uuid4()),
              "iat": time.time(), "exp": time.time() + 3600}
    signed = part({"alg": "ES256"}) + b"." + part(claims)
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    signature = base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).rstrip(b"=")
    return (signed + b"." + signature).decode()


def restart(here) -> None:
    for instance in range(1, here.instances + 1):
        name = here.instance_name(AUTHENTICATION, instance)
        before = suite.kill(name, signal.SIGTERM)
        suite.wait_for(lambda: suite.pid_of(name) not in (None, before), 60, f"restart of {name}")
    suite.wait_until_ready()


@pytest.fixture
def registered(tmp_path):
    """The second portal, after the steps of README.md and no other."""
    here = suite.current()
    portal = Portal()
    text = section()
    # Step 1: the commands as they stand.
    commands = re.search(r"```\n(.*?)```", text, re.DOTALL).group(1)
    for command in commands.strip().splitlines():
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    # Step 2: the entry as it stands, with the portal's own key and addresses.
    entry = json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL).group(1))
    entry["publicKeyPem"] = (tmp_path / "portal-key.pub.pem").read_text(encoding="utf-8")
    entry = json.loads(json.dumps(entry).replace("https://care.example.be", portal.address))
    files = [here.config / f"{here.instance_name(AUTHENTICATION, instance)}.json"
             for instance in range(1, here.instances + 1)]
    before = [file.read_text(encoding="utf-8") for file in files]
    try:
        for file, content in zip(files, before):
            document = json.loads(content)
            document["clients"].append(entry)
            file.write_text(json.dumps(document), encoding="utf-8")
            # Step 3.
            checked = subprocess.run([here.executable(AUTHENTICATION), "check-config", "--config", str(file)],
                                     capture_output=True, text=True, stdin=subprocess.DEVNULL)
            assert checked.returncode == 0, checked.stdout
        restart(here)
        key = serialization.load_pem_private_key((tmp_path / "portal-key.pem").read_bytes(), None)
        yield portal, key
    finally:
        for file, content in zip(files, before):
            file.write_text(content, encoding="utf-8")
        restart(here)
        portal.server.shutdown()


def test_a_portal_registered_by_the_readme_signs_somebody_in(visitor, registered):
    portal, key = registered
    an = visitor()
    an.tab.goto(portal.start(state="x" * 1000))
    an.press("met beveiligingscode via mobiele app")
    an.give_credentials(persona("an.peeters"))
    an.confirm_profile("Burger")
    an.tab.wait_for_url(f"{portal.address}/callback?**", timeout=15_000)
    answer = portal.answers[-1]
    issuer = suite.current().url(AUTHENTICATION)
    assert answer["iss"] == [issuer] and answer["state"] == ["x" * 1000]
    tokens = api.call(AUTHENTICATION, "POST", "/token", form={
        "grant_type": "authorization_code", "code": answer["code"][0], "redirect_uri": f"{portal.address}/callback",
        "code_verifier": portal.verifier, "client_assertion_type": api.ASSERTION_TYPE,
        "client_assertion": assertion(key, f"{issuer}/token")})
    assert tokens.status == 200, tokens.body
    assert tokens.json()["scope"] == "openid"
    # And back: the picker of a second sign-in leads to the portal without a code.
    an.tab.goto(portal.start(state="again"))
    an.is_at("Aanmelden voor RIZIV portaal")
    an.press("Annuleren en terug naar")
    an.tab.wait_for_url(f"{portal.address}/callback?**error=access_denied**", timeout=15_000)
    assert portal.answers[-1]["state"] == ["again"]


def test_double_clicks_sign_in_once(visitor):
    an = visitor()
    an.open_portal()
    an.press("Aanmelden")
    an.press("met beveiligingscode via mobiele app")
    someone = persona("an.peeters")
    an.fill("^Gebruikersnaam", someone.username)
    an.fill("^Wachtwoord", someone.password)
    an.fill("^Beveiligingscode", people.code_of(someone))
    an.tab.get_by_role("button", name="Aanmelden", exact=True).dblclick()
    an.is_at("Aanmelden voor RIZIV portaal")
    an.select("Arts")
    an.tab.get_by_role("button", name="Profiel bevestigen").dblclick()
    an.is_at("Dossier van An Peeters")


def test_two_tabs_both_end_well(visitor):
    an = visitor()
    an.open_portal()
    an.press("Aanmelden")
    first = an.tab
    an.new_tab()
    an.open_portal()
    an.press("Aanmelden")
    an.press("met beveiligingscode via mobiele app")
    an.give_credentials(persona("an.peeters"))
    an.is_at("Aanmelden voor RIZIV portaal")
    second = an.tab
    an.tab = first
    an.press("met beveiligingscode via mobiele app")
    an.give_credentials(persona("an.peeters"))
    an.is_at("Aanmelden voor RIZIV portaal")
    for tab in (second, first):
        an.tab = tab
        an.confirm_profile("Arts")
        an.is_at("Dossier van An Peeters")
