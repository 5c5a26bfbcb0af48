"""The command line over a state in PostgreSQL."""

import json
import subprocess
import sys

from tests.cli.desk import EMAIL, Desk, SandboxedDesk
from tests.cli.test_state_changes import quiet, store_of
from tests.conformance.postgres_server import VARIABLE, Place, server

CONFIGURED = EMAIL + 'state: {backend: postgres, dsn: "${env:CHANPLAN_DSN}"}\n'
WORKSPACE = "quickstart"


def place():
    """A database of its own, since the workspace's name is the configuration's."""
    return Place(database=server().create_database(), workspace=WORKSPACE)


def test_a_state_moves_into_a_database_and_back(finished: SandboxedDesk):
    """Pulled from the file and pushed into the database it's the same state: a plan changes nothing, and an apply has nothing to
    do. While somebody holds the lock, an apply is told who, and `unlock` ends his session. Pulled again it fits the file."""
    at = place()
    finished.environment[VARIABLE] = at.dsn
    before = store_of(finished).load()
    assert quiet(finished, "state", "pull", "--out", "moving.json").code == 0
    in_a_file = (finished.folder / "chanplan.yaml").read_text()
    finished.write(CONFIGURED)

    pushed = quiet(finished, "state", "push", "moving.json")
    planned = finished.run("plan", "--detailed-exitcode")
    applied = finished.run("apply", "--auto-approve")

    assert (pushed.code, planned.code, applied.code) == (0, 0, 0), pushed.said + planned.said + applied.said
    store = at.open()
    after = store.load()
    assert (after.workspace, after.lineage, after.serial, dict(after.resources)) == (
        WORKSPACE,
        before.lineage,
        before.serial,
        dict(before.resources),
    )
    with store.lock("ci@build-7", "apply", 0):
        refused = finished.run("apply", "--auto-approve")
        unlocked = finished.run("unlock", store.held().id, "--auto-approve")
        free = store.held()
    store.close()
    assert (refused.code, "The workspace is locked by ci@build-7 (apply) since 20" in refused.said) == (
        5,
        True,
    )
    assert (unlocked.code, free) == (0, None), unlocked.said

    again = quiet(finished, "state", "pull", "--out", "back.json")
    finished.write(in_a_file)
    unneeded = quiet(finished, "state", "push", "back.json")
    assert (again.code, unneeded.code) == (0, 0), again.said + unneeded.said
    assert json.loads((finished.folder / "back.json").read_text())["serial"] == before.serial


def test_resources_move_between_backends(finished: SandboxedDesk):
    """`state mv --to` takes them from the workspace in the file into another one in the database; no service is written to."""
    at = Place(database=server().create_database(), workspace="acme-mail")
    finished.environment[VARIABLE] = at.dsn
    before = store_of(finished).load()
    other = CONFIGURED.replace(f"workspace: {WORKSPACE}", "workspace: acme-mail")
    assert other != CONFIGURED
    finished.write(other, "other/chanplan.yaml")

    moved = finished.run("state", "mv", "--all", "--to", "other/chanplan.yaml")

    store = at.open()
    there, here = store.load(), store_of(finished).load()
    store.close()
    assert moved.code == 0, moved.said
    assert (dict(here.resources), here.intents) == ({}, ())
    assert {address: each.id for address, each in there.resources.items()} == {
        address: each.id for address, each in before.resources.items()
    }


def test_what_goes_wrong_is_one_sentence_with_what_to_do(finished: SandboxedDesk):
    """A server that isn't there, and a connection string that is none: no traceback, and no secret, with -v too."""
    finished.write(CONFIGURED)
    unreachable = finished.run("plan", CHANPLAN_DSN="host=/nowhere password=hunter2-hunter2")
    malformed = finished.run("-v", "plan", CHANPLAN_DSN="host hunter2-hunter2")
    unset, empty = finished.run("plan"), finished.run("plan", CHANPLAN_DSN=" ")

    assert (unreachable.code, malformed.code, unset.code, empty.code) == (1, 1, 1, 1)
    assert "The state of quickstart in PostgreSQL (${env:CHANPLAN_DSN}) can't be read" in unreachable.said
    assert "Check host and port in the connection string" in unreachable.said
    assert "its connection string can't be understood" in malformed.said
    assert (
        "the variable CHANPLAN_DSN isn't set, or is empty. Set CHANPLAN_DSN to what libpq takes" in unset.said
    )
    assert empty.said == unset.said
    assert "hunter2" not in unreachable.said + malformed.said


def test_nobody_loads_psycopg_without_need(desk: Desk):
    """A plan over a state in a file doesn't import it."""
    desk.write("version: 1\nworkspace: quickstart\n")
    program = (
        "import sys; from chanplan.cli.main import run; code = run(['plan']);"
        " sys.exit(code or 'psycopg' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=desk.folder, check=False, capture_output=True)

    assert ended.returncode == 0, ended.stderr
