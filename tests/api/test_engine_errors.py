"""Every error of the engine has one answer."""

from datetime import UTC, datetime

import pytest

from chanplan.api.catalogue import CATALOGUE
from chanplan.model import channel_errors as errors
from chanplan.model.errors import (
    ChanplanError,
    Interrupted,
    Locked,
    Misused,
    StateUnreadable,
    StateUnwritable,
)
from chanplan.model.holding import Holding
from tests.api.front import SETUP

NEW = {"tenant_name": "acme", "domain_identity": "mail.acme.example"}


def raising(error):
    """Makes a behaviour that raises."""

    def behave(*arguments):
        raise error

    return behave


@pytest.mark.parametrize("code", sorted(errors.CONFLICTS))
def test_a_conflict_is_told_apart_by_its_code(front, client, code):
    """409, with what to do."""
    front.service.behaviour["create_ses_setup"] = raising(
        errors.Conflict(code, "It is taken.", remedy="Take another.")
    )
    answer = client.post("/v1/ses-setup", NEW)
    assert (answer.status, answer.code) == (409, code)
    assert answer.json["title"] == CATALOGUE[code].title
    assert (answer.json["detail"], answer.json["remedy"]) == ("It is taken.", "Take another.")


@pytest.mark.parametrize("code", sorted(errors.UNACCEPTABLE))
def test_what_cant_be_accepted(front, client, code):
    """422."""
    front.service.behaviour["create_ses_setup"] = raising(errors.Unacceptable(code, "It can't be."))
    answer = client.post("/v1/ses-setup", NEW)
    assert (answer.status, answer.code) == (422, code)


@pytest.mark.parametrize("code", sorted(errors.UNPREPARED))
def test_what_somebody_must_act_on_first(front, client, code):
    """503 with Retry-After."""
    front.service.behaviour["create_ses_setup"] = raising(errors.Unprepared(code, "Act first."))
    answer = client.post("/v1/ses-setup", NEW)
    assert (answer.status, answer.code) == (503, code)
    assert int(answer.headers["Retry-After"]) >= 1


def test_every_code_of_the_engine_stands_in_the_catalogue():
    """So that each is described."""
    statuses = {409: errors.CONFLICTS, 422: errors.UNACCEPTABLE, 503: errors.UNPREPARED}
    for status, codes in statuses.items():
        assert {code: CATALOGUE[code].status for code in codes} == dict.fromkeys(codes, status)


def test_values_for_programs(front, client):
    """What an error is about stands beside its sentence."""
    behaviour = front.service.behaviour
    behaviour["delete_ses_setup"] = raising(
        errors.Conflict("setup_in_use", "In use.", data={"use_cases": [SETUP]})
    )
    assert client.delete(f"/v1/ses-setup/{SETUP}").json["use_cases"] == [SETUP]
    behaviour["create_ses_setup"] = raising(
        errors.Unacceptable("sender_domain_mismatch", "No.", data={"expected_domain": "mail.acme.example"})
    )
    assert client.post("/v1/ses-setup", NEW).json["expected_domain"] == "mail.acme.example"
    behaviour["create_ses_setup"] = raising(
        errors.Unacceptable(
            "invalid", "No.", data={"problems": [{"field": "domain_identity", "message": "Too long."}]}
        )
    )
    answer = client.post("/v1/ses-setup", NEW)
    assert answer.json["errors"] == [
        {"where": "body", "field": "domain_identity", "code": "invalid", "message": "Too long."}
    ]
    assert "problems" not in answer.json


def test_what_isnt_there(front, client):
    """404 with what was looked for."""
    for name, method, path in (
        ("get_ses_setup", "GET", f"/v1/ses-setup/{SETUP}"),
        ("delete_ses_setup", "DELETE", f"/v1/ses-setup/{SETUP}"),
        ("delete_use_case", "DELETE", f"/v1/use-case/{SETUP}"),
    ):
        kind = name.partition("_")[2]
        front.service.behaviour[name] = raising(errors.NotFound(kind, SETUP))
        answer = client.ask(method, path)
        assert (answer.status, answer.code) == (404, "not_found")
        assert (answer.json["kind"], answer.json["id"]) == (kind, SETUP)


def test_a_service_that_fails_and_one_that_hangs(front, client):
    """502 and 504, with what was begun."""
    front.service.behaviour["create_ses_setup"] = raising(
        errors.ServiceFailed("throttled", "SES is asked too often.", data={"service": "ses"}, retry_after=1.2)
    )
    answer = client.post("/v1/ses-setup", NEW)
    assert (answer.status, answer.code, answer.json["service"]) == (502, "throttled", "ses")
    assert answer.headers["Retry-After"] == "2"
    front.service.behaviour["create_ses_setup"] = raising(
        errors.ServiceTimedOut(
            "outcome_unknown", "SES didn't answer.", data={"service": "ses", "unfinished": SETUP}
        )
    )
    answer = client.post("/v1/ses-setup", NEW)
    assert (answer.status, answer.code, answer.json["unfinished"]) == (504, "outcome_unknown", SETUP)


@pytest.mark.parametrize(
    "error,code",
    [
        (
            Locked(
                Holding("x", "ada on laptop.internal, process 7", "apply", datetime(2026, 1, 1, tzinfo=UTC)),
                remedy="Wait.",
            ),
            "locked",
        ),
        (
            StateUnreadable("can't connect to db.internal as chanplan", remedy="Look at db.internal."),
            "state_unreadable",
        ),
        (StateUnwritable("disk full at /srv/internal"), "state_unwritable"),
        (Interrupted("A signal asked to stop."), "stopping"),
    ],
)
def test_a_state_that_cant_be_used_now(front, client, error, code):
    """503 with Retry-After, and nothing of who, where and why: the log has it."""
    front.service.behaviour["create_ses_setup"] = raising(error)
    answer = client.post("/v1/ses-setup", NEW)
    assert (answer.status, answer.code) == (503, code)
    assert int(answer.headers["Retry-After"]) >= 1
    assert b"internal" not in answer.body


@pytest.mark.parametrize(
    "error", [RuntimeError("secret-in-a-message"), Misused("secret-in-a-message"), ChanplanError("x")]
)
def test_a_mistake_of_ours_is_a_500_without_a_traceback(front, client, error):
    """And the server goes on."""
    front.service.behaviour["list_ses_setups"] = raising(error)
    answer = client.get("/v1/ses-setup")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert b"Traceback" not in answer.body
    assert b"secret-in-a-message" not in answer.body
    assert client.get("/v1/twilio-setup").status == 200
