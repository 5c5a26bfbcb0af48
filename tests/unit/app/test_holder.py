"""Who holds a lock is told so that somebody can find the run, and no secret with it."""

import os
import re

import pytest

from chanplan.app.holder import holder_of

WHO = re.compile(rf"\S+@\S+, process {os.getpid()}(?:, (.*))?")
GITHUB = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/channels",
    "GITHUB_RUN_ID": "77",
}


@pytest.mark.parametrize(
    "environment, job",
    [
        ({}, None),
        (GITHUB, "https://github.com/acme/channels/actions/runs/77"),
        ({**GITHUB, "GITHUB_RUN_ID": ""}, None),
        (
            {"CI_JOB_URL": "https://gitlab.com/acme/channels/-/jobs/9"},
            "https://gitlab.com/acme/channels/-/jobs/9",
        ),
        ({"BUILD_URL": "https://ci.acme.example/job/7/"}, "https://ci.acme.example/job/7/"),
        (
            {"BUILD_URL": "https://ada:secret@ci.acme.example:8443/job/7/?token=secret#log"},
            "https://ci.acme.example:8443/job/7/",
        ),
        ({"BUILD_URL": "file:///etc/passwd"}, None),
        ({"BUILD_URL": "http://[broken/"}, None),
        ({"BUILD_URL": "https://ci.acme.example/\x1b[31m\u202e"}, "https://ci.acme.example/\\x1b[31m\\u202e"),
        (
            {"BUILD_URL": "https://ci.acme.example/" + "x" * 10_000},
            ("https://ci.acme.example/" + "x" * 10_000)[:200],
        ),
    ],
    ids=["none", "github", "half", "gitlab", "jenkins", "login", "file", "broken", "tricks", "long"],
)
def test_user_host_process_and_job(environment, job):
    """A job's address is shown without login and query, visibly, and not longer than anybody reads."""
    told = WHO.fullmatch(holder_of(environment))

    assert told is not None
    assert told[1] == job
