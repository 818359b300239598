"""Tokens of a person, as a portal gets them: the code flow driven to its last redirect, then the token endpoint."""

import base64
import hashlib
import secrets as random
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from tooling.settings import (AUTHENTICATION, MANDATE_REGISTRY, ORGANISATION_RIGHTS, PORTAL, PROFILE_RESOLUTION,
                              Service)

from . import api
from .browser import Session
from .journey import Visit
from .people import Someone
from .suite import current

CLIENT = "portal"
SCOPES = "openid profiles dossier mandates organisations offline_access"


@dataclass
class PersonTokens:
    """What a portal holds of a session: a refresh token, and an access token for each API, got when it is needed."""

    refresh: str
    identity: str
    kept: dict[str, str] = field(default_factory=dict)
    exchange: dict[str, str] = field(default_factory=dict)
    """What was sent for them, for tests that send it again."""

    def at(self, service: Service) -> str:
        """The access token for an API."""
        if service.short not in self.kept:
            self.kept[service.short] = self.new_for(service)
        return self.kept[service.short]

    def new_for(self, service: Service) -> str:
        """A new access token for an API."""
        answer = ask({"grant_type": "refresh_token", "refresh_token": self.refresh, "resource": uri(service.short)})
        assert answer.status == 200, f"/token answered {answer.status}: {answer.body[:500]!r}"
        assert "refresh_token" not in answer.json(), "a refresh token serves the whole session"
        self.identity = answer.json()["id_token"]
        return answer.json()["access_token"]


def uri(api_name: str) -> str:
    """The audience of an API."""
    return f"urn:toegang:{api_name}"


def of(who: Someone, profile: str = "Burger", organisation: str | None = None, scope: str = SCOPES,
       session: Session | None = None) -> PersonTokens:
    """Signs somebody in for the portal and exchanges the code in its place, so that the test holds the tokens.

    With the session of a browser in which she is signed in already, nobody asks her for credentials again.
    """
    here = current()
    redirect = f"{here.url(PORTAL)}/sign-in/callback"
    verifier, state = random.token_urlsafe(48), random.token_urlsafe(24)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    visit = Visit(session)
    visit.stop_before = redirect
    resources = [("resource", uri(service.short)) for service in (PROFILE_RESOLUTION, MANDATE_REGISTRY,
                                                                  ORGANISATION_RIGHTS)]
    visit.open(f"{here.url(AUTHENTICATION)}/authorize?" + urlencode([
        ("response_type", "code"), ("client_id", CLIENT), ("redirect_uri", redirect), ("scope", scope),
        ("state", state), ("nonce", random.token_urlsafe(24)), ("code_challenge", challenge),
        ("code_challenge_method", "S256"), *resources]))
    if not visit.has("Profiel bevestigen"):
        visit.give_credentials(who)
    visit.choose(profile, organisation)
    assert visit.stopped_before, f"no code came back: {visit.describe()}"
    answer = parse_qs(urlsplit(visit.stopped_before).query)
    assert answer["state"] == [state]
    exchange = {"grant_type": "authorization_code", "code": answer["code"][0], "redirect_uri": redirect,
                "code_verifier": verifier, "resource": uri(PROFILE_RESOLUTION.short)}
    got = ask(exchange)
    assert got.status == 200, f"/token answered {got.status}: {got.body[:500]!r}"
    body = got.json()
    return PersonTokens(body["refresh_token"], body["id_token"], {PROFILE_RESOLUTION.short: body["access_token"]},
                        exchange)


def refreshed(tokens: PersonTokens) -> PersonTokens:
    """The same session with new access tokens."""
    return PersonTokens(tokens.refresh, tokens.identity)


def ask(form: dict[str, str]) -> api.Answer:
    """One request to the token endpoint as the portal."""
    return api.call(AUTHENTICATION, "POST", "/token", form={
        **form, "client_id": CLIENT, "client_assertion_type": api.ASSERTION_TYPE,
        "client_assertion": api.assertion(CLIENT)})


def open_dossier(tokens: PersonTokens, dossier: str) -> api.Answer:
    """Asks for a dossier context for a tab of its own; the answer is left to the caller to judge."""
    tab = random.token_urlsafe(24)
    answer = api.call(MANDATE_REGISTRY, "POST", "/token", token=api.service_token(CLIENT, "dossier-context"),
                      headers={"Toegang-Tab": tab}, form={
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": tokens.at(MANDATE_REGISTRY),
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "resource": f"urn:toegang:dossier:{dossier}", "audience": "dossier-context"})
    answer.headers["tab"] = tab
    return answer
