"""How commands meet Twilio: only when there is something of it, and with credentials or a clear word."""

import json
import os
import subprocess
import sys

import pytest

from tests.cli.desk import EMAIL, Desk

VOICE = """\
version: 1
workspace: acme-voice
providers:
  twilio: {default: {account_sid: AC0123456789abcdef0123456789abcdef}}
twilio_setups:
  acme: {customer_profile: {sid: BU0123456789abcdef0123456789abcdef}}
"""
LOOK = """
import json, sys
from chanplan.cli.main import run
code = run(sys.argv[1:])
loaded = sorted(name for name in sys.modules if name.partition(".")[0] in ("twilio", "requests"))
print(json.dumps({"code": code, "loaded": loaded}), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["validate"], ["--sandbox", "plan"]])
def test_an_email_only_configuration_never_imports_the_sdk(tmp_path, arguments):
    """It takes a quarter of a second that nobody has who sends mail."""
    (tmp_path / "chanplan.yaml").write_text(EMAIL)

    ended = subprocess.run(
        [sys.executable, "-c", LOOK, "-C", str(tmp_path), *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"HOME": str(tmp_path)},
        check=True,
    )

    assert json.loads(ended.stderr.splitlines()[-1]) == {"code": 0, "loaded": []}


def test_without_credentials_plan_and_apply_say_which_variable_to_set(tmp_path):
    """Nothing is sent anywhere."""
    desk = Desk(tmp_path)
    desk.write(VOICE)

    planned, applied = desk.run("plan", "--format", "json"), desk.run("apply", "--auto-approve")

    assert (planned.code, applied.code) == (1, 1)
    assert [(each["severity"], each["code"]) for each in planned.document["diagnostics"]] == [
        ("error", "no_credentials")
    ]
    for said in (planned.document["diagnostics"][0]["message"], applied.said):
        assert "There are no Twilio credentials for alias 'default'" in said
        assert "TWILIO_AUTH_TOKEN isn't set" in said
