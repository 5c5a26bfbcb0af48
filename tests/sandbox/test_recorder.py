"""Twilio's exchanges are recorded where somebody asks for it, so that they can be held against Twilio's description."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.recorder import FILE_NAME, VARIABLE
from chanplan.sandbox.server import Sandbox
from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT, token_of
from tests.sandbox.conftest import Clients
from tests.sandbox.twilio_client import Twilio, refusal

PROJECT = Path(__file__).parents[2]

MISSPELT = """
from chanplan.sandbox.server import Sandbox
from tests.sandbox.twilio_client import Twilio


def test_a_client_that_misspells_a_parameter(tmp_path):
    with Sandbox(tmp_path) as sandbox:
        clients = Twilio(sandbox.endpoint)
        clients.http.request("GET", "https://api.twilio.com/2010-04-01/Accounts.json?Colour=red", auth=("a", "b"))
        clients.close()
"""
"""A test that passes, but for what it sent."""


@pytest.fixture
def records(tmp_path, monkeypatch):
    """Returns a function that returns what was recorded so far, in a folder of this test's own."""
    folder = tmp_path / "records"
    folder.mkdir()
    monkeypatch.setenv(VARIABLE, str(folder))

    def read():
        path = folder / FILE_NAME
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    return read


def test_what_is_recorded(directory, records, tmp_path):
    """Both sides of each exchange, for its owner alone, and neither credentials nor any other header."""
    with Sandbox(directory) as sandbox:
        clients = Twilio(sandbox.endpoint)
        made = clients().applications.create(friendly_name="Acme/Support")
        clients.close()
    (exchange,) = records()
    answer = json.loads(exchange.pop("answer"))
    file = tmp_path / "records" / FILE_NAME

    assert exchange == {
        "method": "POST",
        "path": f"/api.twilio.com/2010-04-01/Accounts/{MAIN_ACCOUNT}/Applications.json",
        "query": "",
        "content_type": "application/x-www-form-urlencoded",
        "body": "FriendlyName=Acme%2FSupport",
        "status": 201,
    }
    assert answer["sid"] == made.sid
    assert token_of(MAIN_ACCOUNT) not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_lost_answers_and_refusals_are_recorded(directory, records, controls):
    """What was sent counts, whatever became of it; who struck isn't said."""
    controls.add_fault(Fault(FaultKind.DROP_AFTER, "twilio:CreateApplication", times=1))
    controls.add_fault(Fault(FaultKind.THROTTLE, "twilio:CreateApplication", times=1))
    with Sandbox(directory) as sandbox:
        clients = Twilio(sandbox.endpoint)
        with pytest.raises(OSError, match="aborted"):
            clients().applications.create(friendly_name="a")
        refusal(clients().applications.create, friendly_name="a")
        clients.close()

    assert [(each["status"], each["answer"] is None) for each in records()] == [(None, True), (429, False)]


def test_what_is_held_against_a_model_here_is_not_recorded(directory, records, session):
    """AWS's exchanges are checked by the sandbox itself, and may hold keys."""
    with Sandbox(directory) as sandbox:
        clients = Clients(session, sandbox.environment())
        clients("sesv2").list_tenants()
        clients.close()

    assert records() == []


def test_a_sandbox_as_a_process_records_too(directory, records):
    """It finds the variable in its own environment."""
    with subprocess.Popen(
        [sys.executable, "-m", "chanplan.sandbox", "--directory", str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        clients = Twilio(json.loads(process.stdout.readline())["endpoint"])
        clients().applications.list()
        clients.close()
        process.stdin.close()

    assert [each["status"] for each in records()] == [200]


def test_recordings_need_a_directory(directory, monkeypatch):
    """A misspelt one is said at once, not found missing afterwards."""
    monkeypatch.setenv(VARIABLE, "/nowhere/at/all")

    with pytest.raises(
        SandboxError, match="CHANPLAN_SANDBOX_EXCHANGES names /nowhere/at/all, which is no directory"
    ):
        Sandbox(directory).start()


@pytest.mark.described
def test_a_test_fails_by_what_it_sent(tmp_path):
    """Whoever forgets to look fails all the same: every test of ours runs under this watch."""
    (tmp_path / "test_misspelt.py").write_text(MISSPELT)
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider"),
            *("-c", str(PROJECT / "pyproject.toml"), "--rootdir", str(tmp_path), str(tmp_path)),
        ],
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "ListAccount: Colour isn't described" in ended.stdout
    assert "1 passed, 1 error" in ended.stdout
