"""A folder with a configuration, and the command line as somebody types it there."""

import io
import json
import os
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from chanplan.cli.main import run
from chanplan.sandbox import recorder
from chanplan.sandbox.controls import Controls
from chanplan.sandbox.dns.records import ZoneRecord
from chanplan.sandbox.server import Sandbox

EMAIL = (Path(__file__).parents[1] / "email.yaml").read_text()
SETUP = "ses_setup.acme-mail"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self):
        """Everything that it printed, each run of white space as one space, so that no line's width matters."""
        return " ".join((self.out + self.err).split())

    @property
    def document(self):
        """What it printed as its result, which is one JSON document and nothing else."""
        return json.loads(self.out)


class Stream(io.TextIOWrapper):
    """What a command writes to, in memory; a terminal or not."""

    def __init__(self, terminal=False):
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n")
        self._terminal = terminal

    def isatty(self):
        """Says what it was made as."""
        return self._terminal

    def text(self):
        """Gives what was written."""
        self.flush()
        return self.buffer.getvalue().decode()


class Desk:
    """Runs commands in a folder. Without a sandbox no service is within reach."""

    def __init__(self, folder: Path, environment=None):
        self.folder = folder
        self.environment = environment or {}

    def write(self, content, name="chanplan.yaml"):
        """Puts a file into the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def files(self):
        """Gives what lies in the folder: names and contents."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }

    def run(self, *arguments, terminal=False, **environment):
        """Runs a command. Whatever it is: no traceback, and no mistake of ours, may come of it."""
        out, err = Stream(terminal), Stream(terminal)
        with (
            chdir(self.folder),
            surroundings({**self.environment, **environment}),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = run(arguments)
        ended = Ended(code, out.text(), err.text())
        assert "Traceback" not in ended.said
        assert "bug in chanplan" not in ended.said
        return ended


class SandboxedDesk(Desk):
    """A desk whose commands reach a sandbox of this process."""

    def __init__(self, folder: Path, sandbox: Sandbox, controls: Controls):
        super().__init__(folder, sandbox.environment())
        self.controls = controls

    def apply(self, *arguments, **environment):
        """Applies without being asked."""
        return self.run("apply", "--auto-approve", *arguments, **environment)

    def publish(self):
        """Plays the customer: publishes what `dns records` lists."""
        records = self.run("dns", "records", "--format", "json").document
        self.controls.publish(
            [ZoneRecord(record["name"], record["type"], record["value"]) for record in records]
        )


KEPT = frozenset(
    {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED", recorder.VARIABLE}
)
"""What `tests/conftest.py` set for every test."""


@contextmanager
def surroundings(variables):
    """Gives the environment these variables for a while, and none that another test's sandbox has set."""
    before = dict(os.environ)
    for name in [
        name for name in os.environ if name.startswith(("AWS_", "CHANPLAN_", "TWILIO_")) and name not in KEPT
    ]:
        del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
