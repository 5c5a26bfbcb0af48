"""The state file: what is wrong with it is said, and controls work without any server."""

import sqlite3
import subprocess
import sys

import pytest

from chanplan.sandbox.controls import Controls, Holding
from chanplan.sandbox.dns.records import ZoneRecord
from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.server import Sandbox
from chanplan.sandbox.state.faults import Fault, FaultKind


def refusal(directory):
    """Returns why a directory can't be used."""
    with pytest.raises(SandboxError) as error:
        Controls(directory)
    return str(error.value)


def test_file_that_is_no_database(tmp_path):
    """Garbage is named with its path and a way out."""
    (tmp_path / "sandbox.db").write_bytes(b"this is no database, but long enough to be looked at" * 100)

    assert refusal(tmp_path) == (
        f"{tmp_path}/sandbox.db is no usable sandbox state (file is not a database)."
        " Delete it, or choose another directory."
    )


def test_database_of_something_else(tmp_path):
    """Another program's database is left alone."""
    connection = sqlite3.connect(tmp_path / "sandbox.db")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()

    assert refusal(tmp_path) == (
        f"{tmp_path}/sandbox.db is no sandbox state but another database. Choose another directory."
    )


def test_state_of_another_format(tmp_path):
    """A newer format isn't guessed at."""
    Controls(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "sandbox.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    assert refusal(tmp_path) == (
        f"{tmp_path}/sandbox.db has format 99, this version of the sandbox reads format 2."
        " Delete it, or choose another directory."
    )


def test_state_of_the_first_format_is_taken_on(tmp_path):
    """A sandbox from before there was mail keeps what it holds, and has mail from then on."""
    with Controls(tmp_path) as controls:
        controls.publish([ZoneRecord("mail.acme.example", "MX", "10 mx.acme.example")])
    connection = sqlite3.connect(tmp_path / "sandbox.db")
    connection.execute("DROP TABLE mail")
    connection.execute("PRAGMA user_version = 1")
    connection.close()

    with Controls(tmp_path) as controls:
        assert (len(controls.zone()), controls.mail.sets()) == (1, [])


def test_directory_that_is_a_file(tmp_path):
    """A path that can't be a directory is named."""
    (tmp_path / "taken").write_text("")

    assert refusal(tmp_path / "taken").startswith(
        f"The sandbox can't keep its state in {tmp_path}/taken/sandbox.db"
    )


def test_child_says_what_is_wrong_in_one_line(tmp_path):
    """No traceback: the reason on standard error and exit code 1."""
    (tmp_path / "sandbox.db").write_bytes(b"x" * 5000)
    ended = subprocess.run(
        [sys.executable, "-m", "chanplan.sandbox", "--directory", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )

    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (1, "", 1)


def test_sandbox_that_is_not_started_has_no_address(tmp_path):
    """The addresses are known when the ports are bound."""
    with pytest.raises(SandboxError, match="isn't started"):
        Sandbox(tmp_path).environment()


def test_status_shows_holdings_calls_zone_and_faults(sesv2, controls):
    """What the sandbox holds, by account, region and kind; indexes aren't shown."""
    sesv2.create_tenant(TenantName="acme", Tags=[{"Key": "a", "Value": "1"}])
    sesv2.create_email_identity(EmailIdentity="mail.acme.example")
    controls.publish([ZoneRecord("mail.acme.example", "MX", "10 mx.acme.example")])
    fault = Fault(FaultKind.THROTTLE, "sesv2:Delete*", times=3)
    controls.add_fault(fault)
    status = controls.status()

    assert status.holdings == (
        Holding("123456789012", "us-east-1", "ses.identity", 1, ("mail.acme.example",)),
        Holding("123456789012", "us-east-1", "ses.tenant", 1, ("acme",)),
    )
    assert status.calls == {"sesv2:CreateEmailIdentity": 1, "sesv2:CreateTenant": 1}
    assert (status.records, status.zones, status.faults) == (1, ("acme.example",), (fault,))


def test_reset_forgets_everything(sesv2, controls):
    """After a reset the sandbox is as new, ids included."""
    first = sesv2.create_tenant(TenantName="acme")["TenantId"]
    controls.publish([ZoneRecord("acme.example", "A", "192.0.2.1")])
    controls.add_fault(Fault(FaultKind.LIST_LAG))
    controls.advance(1000)
    controls.reset()
    status = controls.status()

    assert (status.holdings, status.records, status.zones, status.faults, status.calls) == ((), 0, (), (), {})
    assert sesv2.create_tenant(TenantName="acme")["TenantId"] == first


def test_journal_can_be_cleared(sesv2, controls):
    """Tests look at what was asked since."""
    sesv2.list_tenants()
    controls.clear_calls()
    sesv2.get_account()

    assert [(call.operation, call.region, call.outcome) for call in controls.calls()] == [
        ("sesv2:GetAccount", "us-east-1", "ok")
    ]


def test_clock_moves_and_stands_still(controls):
    """The clock is moved, stopped and shared by everyone on the directory."""
    controls.run_clock_at(0)
    before = controls.now()

    assert controls.advance(3600) == pytest.approx(before + 3600)
    assert controls.now() == pytest.approx(before + 3600)


def test_sandbox_imports_nothing_else_of_chanplan():
    """It speaks only the wire, and starts without boto3."""
    program = (
        "import sys, chanplan.sandbox.server, chanplan.sandbox.controls;"
        "print(*sorted(name for name in sys.modules if name.startswith(('chanplan.', 'boto3', 'botocore.session'))"
        " and not name.startswith('chanplan.sandbox')))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ended.stdout == "\n"
