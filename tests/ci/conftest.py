"""A repository of acme/mail at a platform of the test, with services of the sandbox, and runners that work on it."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from tests.ci.github_runs import Blobs, Workflows
from tests.ci.runner import Runner
from tests.ci.tools import EXAMPLES, ROOT, browser, is_checked
from tests.ci.warm import program
from tests.cli.desk import EMAIL, SandboxedDesk
from tests.platforms.github_server import TOKEN


@dataclass
class Repository:
    """A checkout, and everything that a workflow in it can reach."""

    desk: SandboxedDesk
    platform: Workflows
    temp: Path

    def run(self, workflow, job, *, event, commit, inputs=None):
        """Runs a job of a workflow of `examples/ci/github` to its end."""
        runner = self.runner(event, commit, inputs)
        return runner.run(EXAMPLES / "github" / f"chanplan-acme-production-{workflow}.yml", job)

    def runner(self, event, commit, inputs=None):
        """Gives a runner for a job that an event began."""
        environment = (
            self.platform.environment(self.temp, commit=commit)
            if event == "pull_request"
            else self.platform.pushed(self.temp, commit)
            if event == "push"
            else self.platform.elsewhere() | {"GITHUB_SHA": commit}
        )
        environment.pop("GITHUB_TOKEN")
        contexts = {
            "github.event_name": event,
            "github.sha": commit,
            "github.token": TOKEN,
            "github.event.pull_request.head.sha": commit,
            **{f"inputs.{name}": value for name, value in (inputs or {}).items()},
        }
        return Runner(
            self.desk.folder,
            self.temp,
            self.temp / "bin",
            self.desk.environment | environment | {"AWS_CONFIG_FILE": os.devnull},
            contexts,
            lambda name, content: self.platform.upload(name, content, commit),
        )


@pytest.fixture(scope="session")
def chanplan():
    """Gives the text of a program that is `chanplan`, started quickly."""
    # The path of a socket may have some hundred characters, and pytest's own folders are deep.
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:
        address = Path(folder, "socket")
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.ci.warm", address], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert server.stdout.readline() == "ready\n"
        yield program(address)
        server.terminate()
        server.wait()
        server.stdout.close()


@pytest.fixture
def repository(tmp_path, chanplan):
    """The email workspace, not applied, at a platform with pull request 12."""
    path = tmp_path / "temp" / "bin" / "chanplan"
    path.parent.mkdir(parents=True)
    path.write_text(chanplan)
    path.chmod(0o755)
    (tmp_path / "desk").mkdir()
    with (
        Blobs() as blobs,
        Workflows(blobs) as platform,
        Sandbox(tmp_path / "sandbox") as sandbox,
        Controls(tmp_path / "sandbox") as controls,
    ):
        desk = SandboxedDesk(tmp_path / "desk", sandbox, controls)
        desk.write(EMAIL)
        yield Repository(desk, platform, tmp_path / "temp")


def pytest_ignore_collect(collection_path):
    """Leaves out what needs a tool that isn't at hand; the summary of all tests says so."""
    needed = {"test_actionlint.py": is_checked, "test_picture.py": browser}
    return True if not needed.get(collection_path.name, lambda: True)() else None
