"""Each operation that names something of somebody, asked for by a signed-in person whose business it is not.

The operations are those of the served OpenAPI documents, so a new one fails here until it is decided what a stranger
gets. Afterwards everything is as it was.
"""

import re
from dataclasses import dataclass

import pytest

from support import api, journey, people, suite, tokens
from tooling.settings import MANDATE_REGISTRY, ORGANISATION_RIGHTS, PORTAL, PROFILE_RESOLUTION, Service

CONTACT = {"email": "vreemd@voorbeeld.example", "phone": "+32 470 99 99 99", "street": "Vreemdestraat 1",
           "postalCode": "9999", "city": "Elders"}


@dataclass
class Scene:
    """What belongs to others, and a stranger's tokens and browser."""

    dossier: str
    mandate: str
    organisation: str
    right: str
    tab: str
    stranger: tokens.PersonTokens
    visit: journey.Visit

    def path(self, template: str) -> str:
        return template.format(dossierId=self.dossier, mandateId=self.mandate, organisationId=self.organisation,
                               rightId=self.right, tab=self.tab)

    def state(self) -> list[str]:
        return suite.psql(f"""
            SELECT 'dossier', version::text, contact_version::text FROM profile_resolution.dossier WHERE id = '{self.dossier}'
            UNION ALL SELECT 'mandate', version::text, status FROM mandate_registry.mandate WHERE id = '{self.mandate}'
            UNION ALL SELECT 'rights', count(*)::text, count(ended_at)::text FROM organisation_rights.granted_right
                WHERE organisation_id = '{self.organisation}'""")


@pytest.fixture(scope="module")
def scene() -> Scene:
    owner, holder, stranger = people.fresh(3)
    people.care_provider(owner.national_number, owner.last_name)
    people.mandate(owner, holder)
    at_holder = journey.enter(holder)
    at_holder.open_grantor(owner.last_name)
    own = tokens.of(owner, "Verpleegkundige")
    dossier = api.call(PROFILE_RESOLUTION, "GET", "/me/dossier", token=own.at(PROFILE_RESOLUTION)).json()["dossierId"]
    given = api.call(MANDATE_REGISTRY, "GET", "/mandates/given", token=own.at(MANDATE_REGISTRY))
    mandate = given.json()["mandates"][0]["mandateId"]
    manager = tokens.of(people.persona("els.wouters"))
    managed = api.call(ORGANISATION_RIGHTS, "GET", "/me/organisations", token=manager.at(ORGANISATION_RIGHTS))
    organisation = managed.json()["organisations"][0]["organisationId"]
    rights = f"/organisations/{organisation}/rights"
    known = api.call(ORGANISATION_RIGHTS, "GET", rights, token=manager.at(ORGANISATION_RIGHTS))
    right = known.json()["rights"][0]["rightId"]
    visit = journey.enter(stranger)
    return Scene(dossier, mandate, organisation, right, re.search(r"/t/([^/]+)/", at_holder.url)[1],
                 tokens.of(stranger, session=visit.session), visit)


GIVE = {"nationalNumber": "85073003328", "lastName": "Peeters", "role": "member", "startsOn": "2030-01-01"}
CALLS: dict[Service, dict[str, dict | None]] = {
    PROFILE_RESOLUTION: {"GET /dossiers/{dossierId}": None, "PUT /dossiers/{dossierId}/contact": CONTACT},
    MANDATE_REGISTRY: {"GET /mandates/given/{mandateId}": None, "POST /mandates/{mandateId}/stop": None},
    ORGANISATION_RIGHTS: {
        "GET /organisations/{organisationId}/access-managers": None,
        "GET /organisations/{organisationId}/rights": None,
        "GET /organisations/{organisationId}/rights/{rightId}": None,
        "POST /organisations/{organisationId}/rights": GIVE,
        "POST /organisations/{organisationId}/rights/{rightId}/end": None,
    },
}
"""What is sent; to a stranger none of it exists."""

PAGES = [
    "GET /t/{tab}/grantors", "POST /t/{tab}/grantors", "POST /t/{tab}/open", "GET /t/{tab}/dossier",
    "GET /t/{tab}/contact", "POST /t/{tab}/contact", "GET /t/{tab}/contact/saved",
    "GET /mandates/{mandateId}/stop", "POST /mandates/{mandateId}/stop",
    "GET /organisations/{organisationId}", "POST /organisations/{organisationId}",
    "GET /organisations/{organisationId}/rights/{rightId}/end",
    "POST /organisations/{organisationId}/rights/{rightId}/end",
]

OF_NO_PERSON = {"GET /persons/{personId}/profiles", "GET /assets/{file}"}
"""Operations that take no person's token, and files."""


def operations(service: Service) -> dict[str, set[str]]:
    """The operations of a service that name something in their path, each with the statuses of its document."""
    text = api.call(service, "GET", "/openapi.yaml").body.decode()
    found: dict[str, set[str]] = {}
    path = operation = ""
    for line in text.partition("\ncomponents:")[0].splitlines():
        if match := re.match(r"  (/\S*):", line):
            path = match[1]
        elif match := re.match(r"    (get|post|put|delete):", line):
            operation = f"{match[1].upper()} {path}"
            found[operation] = set()
        elif match := re.match(r"        ['\"](\d{3})['\"]:", line):
            found[operation].add(match[1])
    return {name: statuses for name, statuses in found.items() if "{" in name and name not in OF_NO_PERSON}


@pytest.mark.parametrize("service", [*CALLS, PORTAL], ids=lambda service: service.name)
def test_it_is_decided_for_every_operation_what_a_stranger_gets(service):
    found = operations(service)
    assert found.keys() == set(CALLS.get(service, PAGES))
    for name, statuses in found.items():
        assert "404" in statuses, f"{name} does not document 404"


@pytest.mark.parametrize(("service", "name"), [(service, name) for service, names in CALLS.items() for name in names],
                         ids=lambda value: getattr(value, "name", value))
def test_a_stranger_is_refused_as_documented(scene, service, name):
    before = scene.state()
    method, template = name.split(" ")
    answer = api.call(service, method, scene.path(template), token=scene.stranger.at(service),
                      json_body=CALLS[service][name], headers={"If-Match": '"1"'})
    assert (answer.status, answer.json()["code"]) == (404, "resource.not-found"), answer.body
    assert scene.state() == before


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_sees_no_page_of_others(scene, name):
    before = scene.state()
    method, template = name.split(" ")
    scene.visit.open(f"{scene.visit.portal}/welcome")
    if method == "GET":
        scene.visit.open(scene.path(template))
    else:
        scene.visit.post(scene.path(template), {
            "dossier": scene.dossier, "version": "1", **CONTACT, **GIVE, "startsOn": "01/01/2030", "lastName": "a"})
    assert scene.visit.status == 404, scene.visit.describe()
    assert scene.state() == before


def test_a_dossier_context_is_refused_to_a_stranger_and_a_search_finds_her_nothing(scene):
    answer = tokens.open_dossier(scene.stranger, scene.dossier)
    assert answer.status == 403 and [reason["code"] for reason in answer.json()["reasons"]] == ["mandate.none"]
    found = api.call(MANDATE_REGISTRY, "POST", "/grantors/search", token=scene.stranger.at(MANDATE_REGISTRY),
                     json_body={"page": 1})
    assert (found.status, found.json()["total"]) == (200, 0)
