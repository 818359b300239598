"""Who runs a portal and is refused finds out why: the answer says one thing to all, the log says the reason."""

import json
import uuid

from support import api, suite
from tooling.settings import AUTHENTICATION


def logged(message: str, request_id: str) -> list[dict]:
    """The log lines of authentication with this message about this request."""
    here = suite.current()
    lines = []
    for file in here.logs.glob(f"{AUTHENTICATION.name}-*.log"):
        lines += [line for line in file.read_text().splitlines() if request_id in line and message in line]
    return [json.loads(line) for line in lines]


def reason_of(message: str, request_id: str) -> dict:
    """Waits for the one line; logs are written beside the answer."""
    suite.wait_for(lambda: logged(message, request_id), 10, f"a line \"{message}\" about {request_id}")
    lines = logged(message, request_id)
    assert len(lines) == 1, lines
    return lines[0]


def token(request_id: str, **changes: str) -> api.Answer:
    form = {"grant_type": "client_credentials", "scope": "introspect", "client_id": "inspection",
            "resource": api.AUDIENCES["introspect"], "client_assertion_type": api.ASSERTION_TYPE,
            "client_assertion": api.assertion("inspection"), **changes}
    return api.call(AUTHENTICATION, "POST", "/token", form=form, headers={"X-Request-ID": request_id})


def test_a_refused_client_reads_one_answer_and_its_operator_the_reason():
    used = api.assertion("inspection")
    assert token(str(uuid.uuid4()), client_assertion=used).status == 200
    mistakes = [
        {"client_assertion": used},
        {"client_assertion": api.assertion("portal").rsplit(".", 1)[0] + ".AAAA"},
        {"client_id": "nobody-knows", "client_assertion": api.assertion("inspection")},
        {"client_assertion": "no.token.atall"},
    ]
    answers, reasons = set(), []
    for changes in mistakes:
        request_id = str(uuid.uuid4())
        answer = token(request_id, **changes)
        assert answer.status == 401, answer.body
        answers.add(answer.body)
        reasons.append(reason_of("Client authentication refused", request_id)["reason"])
    assert len(answers) == 1, answers
    assert len(set(reasons)) > 2, reasons


def test_a_refused_authorization_is_found_by_the_number_on_its_page():
    request_id = str(uuid.uuid4())
    address = "/authorize?client_id=portal&response_type=code&redirect_uri=https%3A%2F%2Felsewhere.example"
    answer = api.call(AUTHENTICATION, "GET", address, headers={"X-Request-ID": request_id, "Accept": "text/html"})
    assert answer.status == 400 and request_id[-8:] in answer.body.decode(), answer.body
    line = reason_of("Authorization refused", request_id)
    assert line["client"] == "portal" and line["reason"], line
