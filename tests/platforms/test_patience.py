"""How long a platform is waited for, in virtual time, and the stable code of every way in which it ends."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from chanplan.app.comment import post
from chanplan.execution.clocks import MANUAL_START, ManualClock
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.model.errors import ChanplanError
from chanplan.platforms.github.opening import pull_request
from chanplan.platforms.gitlab.opening import merge_request
from tests.platforms.hosting import Answer

LIST = r"/(comments|notes)$"
OFTEN = {"message": "You have exceeded a secondary rate limit."}


class Ended:
    """How posting ended, and how many seconds were waited."""

    def __init__(self, job, clock=None, **variables):
        clock = clock or ManualClock()
        opened = pull_request if job.platform.PLATFORM == "github" else merge_request
        environment = {**job.platform.environment(job.folder), **variables}
        pacer = TokenPacer(clock, Unmeasured(), lambda _, __: None)
        self.code, self.said, remedy = None, "", True
        try:
            with opened(environment, None, pacer, clock) as review:
                self.how = post(review, "<!-- ours -->\nHello.\n", clock, of_commit=True).how
        except ChanplanError as error:
            self.code, self.said, remedy = error.code, error.message, error.remedy
        assert remedy, "an error says what to do"
        self.waited = (clock.now() - MANUAL_START) / timedelta(seconds=1)


def test_a_throttle_without_a_time_is_waited_out(job):
    """GitHub wants a minute at least where it names no time."""
    job.platform.break_next("POST", LIST, answer=Answer(403, OFTEN))

    ended = Ended(job)

    assert (ended.code, ended.how) == (None, "created")
    assert 60 <= ended.waited < 62


def test_throttles_are_waited_for_five_minutes_together(job):
    """However short each time is that a platform names, a job ends within its patience."""
    job.platform.break_next("POST", LIST, answer=Answer(429, OFTEN, {"Retry-After": "70"}), times=99)

    ended = Ended(job)

    assert ended.code == "rate_limited"
    assert 200 < ended.waited <= 300
    assert job.bodies() == []


def test_a_signal_ends_the_waiting(github):
    """Somebody who cancels a job that waits isn't made to wait too, and nothing half-done is left."""
    waiting = threading.Event()
    often = Answer(429, OFTEN, {"Retry-After": "100"})
    github.platform.break_next("POST", LIST, answer=often, meanwhile=waiting.set)
    running = subprocess.Popen(
        [sys.executable, "-m", "chanplan.cli.main", "comment", "--platform", "github", "reviewed.plan.json"],
        cwd=github.folder,
        env={**os.environ, **github.platform.environment(github.folder)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert waiting.wait(60)

    running.send_signal(signal.SIGINT)

    assert (running.communicate(timeout=60)[1].strip(), running.returncode) == ("Interrupted.", 130)
    assert github.bodies() == []


def test_patience_is_for_throttles_alone(job):
    """However long a run took before, another refusal is told as what it is."""
    clock = ManualClock()
    job.platform.break_next(
        "GET", LIST, answer=Answer(404, {"message": "Not Found"}), meanwhile=lambda: clock.advance(999)
    )

    ended = Ended(job, clock)

    assert (ended.code, "to pass" in ended.said) == ("not_found", False)


def test_a_platform_that_is_down_is_asked_six_times(job):
    """Errors of its own pass within seconds, or they don't."""
    job.platform.break_next("GET", LIST, answer=Answer(503, {"message": "Down"}), times=99)

    ended = Ended(job)

    assert ended.code == "service_error"
    assert sum(asked.path.endswith(("comments", "notes")) for asked in job.platform.asked) == 6


def test_a_create_is_never_repeated_blindly(job):
    """A platform that loses each answer is looked at between; after three times the command says that it doesn't know."""
    job.platform.break_next("POST", LIST, drop="before", times=99)

    ended = Ended(job)

    assert ended.code == "no_answer"
    asked = [one.method for one in job.platform.asked if one.path.endswith(("comments", "notes"))]
    assert asked == ["GET", "POST"] * 3


@pytest.mark.parametrize(
    "answer, code",
    [
        (Answer(401, {"message": "Bad credentials"}), "token_refused"),
        (Answer(403, {"message": "Your account was blocked."}), "permission_missing"),
        (Answer(403, {"message": "Unable to create comment because issue is locked."}), "request_locked"),
        (Answer(404, {"message": "Not Found"}), "not_found"),
        (Answer(410, {"message": "This issue was deleted"}), "not_found"),
        (Answer(413, raw=b"<html>"), "comment_too_long"),
        (Answer(422, {"message": "Validation Failed"}), "rejected"),
        (Answer(200, raw=b"{"), "no_answer"),
        (Answer(307, headers={"Location": "https://elsewhere.example/"}), "api_redirects"),
        (Answer(500, raw=b""), "service_error"),
        (Answer(429, {"message": "Later"}, {"Retry-After": "3600"}), "rate_limited"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.status),
)
def test_each_end_has_its_code(job, answer, code):
    """Programs tell the ends of a create apart by a code that stays."""
    job.platform.break_next("POST", LIST, answer=answer, times=99)

    assert Ended(job).code == code


@pytest.mark.parametrize(
    "variables, code",
    [
        ({"GITHUB_TOKEN": "", "GITLAB_TOKEN": ""}, "token_missing"),
        ({"GITHUB_TOKEN": "a b", "GITLAB_TOKEN": "a b"}, "token_malformed"),
        ({"GITHUB_REPOSITORY": "", "CI_MERGE_REQUEST_PROJECT_ID": "/"}, "repository_missing"),
        ({"GITHUB_EVENT_PATH": "", "GITHUB_REF": "", "CI_MERGE_REQUEST_IID": ""}, "request_missing"),
        (
            {"GITHUB_API_URL": "http://git.example", "CI_API_V4_URL": "http://git.example"},
            "api_in_clear_text",
        ),
        ({"GITHUB_API_URL": "ssh://git.example", "CI_API_V4_URL": "ssh://git.example"}, "api_url"),
        (
            {"GITHUB_API_URL": "http://127.0.0.1:1", "CI_API_V4_URL": "http://127.0.0.1:1"},
            "endpoint_unreachable",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_reason_not_to_begin_has_its_code(job, variables, code):
    """So has each reason for which nothing was sent."""
    assert Ended(job, **variables).code == code
    assert job.platform.asked == []
