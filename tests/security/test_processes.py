"""What is started, with what, and who may talk to it."""

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chanplan.cli.sandboxing import started_sandbox
from chanplan.sandbox.server import Sandbox
from tests.cli.desk import EMAIL

PLANTED = "import pathlib\npathlib.Path('ran').write_text(__name__)\n"
COMMAND = (sys.executable, "-c", "import sys; sys.path.pop(0); from chanplan.cli.main import main; main()")
"""The command line as its script starts it: the working directory isn't where modules are looked for."""


def test_no_module_of_the_working_directory_is_run(tmp_path: Path):
    """A checkout may hold files by the names of modules; neither chanplan nor its sandbox runs them."""
    (tmp_path / "chanplan").mkdir()
    for name in (
        "chanplan/__init__.py",
        "chanplan/sandbox.py",
        "json.py",
        "yaml.py",
        "sitecustomize.py",
        "boto3.py",
    ):
        (tmp_path / name).write_text(PLANTED)
    (tmp_path / "chanplan.yaml").write_text(EMAIL)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    ended = subprocess.run(
        [*COMMAND, "--sandbox", "plan", "--format", "json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr, json.loads(ended.stdout)["summary"]["create"]) == (0, "", 5)
    assert not (tmp_path / "ran").exists()


def test_the_sandbox_is_given_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Neither in its environment nor on its command line, which other users can read."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "wJalrXUtnFEMI")

    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    before = set(children.read_text().split())
    with started_sandbox(tmp_path):
        # Another test's helper may be a child of this process too.
        (child,) = set(children.read_text().split()) - before
        shown = [Path(f"/proc/{child}/{name}").read_bytes() for name in ("environ", "cmdline")]

    assert [b"wJalrXUtnFEMI" in text for text in shown] == [False, False]


@pytest.mark.parametrize(
    "host, status", [("127.0.0.1", 200), ("localhost", 200), ("evil.example", 403), ("", 403)]
)
def test_the_sandbox_answers_no_web_page(tmp_path: Path, host: str, status: int):
    """A page whose name was pointed to this machine names itself, and is refused; a browser can't say otherwise."""
    with Sandbox(tmp_path) as sandbox:
        port = int(sandbox.endpoint.rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port)
        credential = "AWS4-HMAC-SHA256 Credential=sandbox/20260101/us-east-1/ses/aws4_request"
        connection.request(
            "GET",
            "/v2/email/configuration-sets",
            headers={"Host": f"{host}:{port}", "Authorization": credential},
        )
        answer = connection.getresponse().status
        connection.close()

    assert answer == status
