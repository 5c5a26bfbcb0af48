"""The files that are written: for their owner alone, and through nothing that somebody else laid there."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from chanplan.app.files import write_file
from chanplan.cli.crash import record_crash
from chanplan.execution.spill import Learned, RecoveryFile, bring_back
from chanplan.model.errors import Misused, StateUnreadable
from chanplan.stores.memory import MemoryStore
from tests.cli.conftest import opened
from tests.cli.desk import EMAIL, Desk, SandboxedDesk
from tests.conformance.store_samples import intent as an_intent


@pytest.fixture(params=[0o000, 0o022])
def umask(request: pytest.FixtureRequest):
    """A umask that forbids nothing, and the usual one."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """Give what lies in a folder, with its rights."""
    return {
        str(path.relative_to(folder)): oct(stat.S_IMODE(path.lstat().st_mode))
        for path in sorted(folder.rglob("*"))
    }


def test_what_a_run_writes_is_its_owners_alone(umask: None, tmp_path: Path):
    """State, what SQLite puts beside it, lock, plan file and the sandbox's state, whatever the umask is."""
    with opened(tmp_path) as desk:
        desk.write(EMAIL).chmod(0o600)
        desk.run("plan", "--out", "reviewed.plan.json")
        assert desk.apply().code == 3
        connection = sqlite3.connect(desk.folder / "state/chanplan.db")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

        written = modes(desk.folder)
        sandbox = modes(tmp_path / "sandbox")
        connection.close()

    assert written == {
        "chanplan.yaml": "0o600",
        "reviewed.plan.json": "0o600",
        "state": "0o700",
        "state/chanplan.db": "0o600",
        "state/chanplan.db-shm": "0o600",
        "state/chanplan.db-wal": "0o600",
        "state/chanplan.db.lock": "0o600",
    }
    assert sandbox == {"sandbox.db": "0o600", "sandbox.db-shm": "0o600", "sandbox.db-wal": "0o600"}
    assert oct(stat.S_IMODE((tmp_path / "sandbox").stat().st_mode)) == "0o700"


def test_crash_logs_are_their_owners_alone(umask: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """And hold no value: neither an error's text nor a variable."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    secret = "wJalrXUtnFEMI"
    try:
        int(secret)
    except ValueError as error:
        record_crash(error)

    (log,) = tmp_path.iterdir()

    assert (modes(tmp_path), secret in log.read_text()) == ({log.name: "0o600"}, False)


def test_recovery_files_are_their_owners_alone(umask: None, tmp_path: Path):
    """They hold what the state would."""
    RecoveryFile([tmp_path], "acme", "run").add(Learned(an_intent()))

    assert modes(tmp_path) == {"chanplan-recovery-run.jsonl": "0o600"}


def test_no_recovery_file_is_written_through_a_link(tmp_path: Path):
    """The next folder takes it instead."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    (here / "chanplan-recovery-run.jsonl").symlink_to(tmp_path / "victim")

    written = RecoveryFile([here, there], "acme", "run").add(Learned(an_intent()))

    assert (written, (tmp_path / "victim").exists()) == (there / "chanplan-recovery-run.jsonl", False)


PLANTS = {
    "a link": lambda path, target: path.symlink_to(target),
    "a pipe": lambda path, _: os.mkfifo(path),
}


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_no_recovery_file_is_believed_that_somebody_laid_there(tmp_path: Path, plant):
    """Neither a link nor a pipe; what a link leads to isn't renamed either."""
    store = MemoryStore()
    kept = RecoveryFile([tmp_path], "acme", "kept").add(Learned(an_intent()))
    assert kept is not None
    (tmp_path / "shared").mkdir()
    plant(tmp_path / "shared/chanplan-recovery-x.jsonl", kept)

    with pytest.raises(StateUnreadable):
        bring_back(store, [tmp_path / "shared"], "acme")

    assert kept.exists()


def test_no_recovery_file_of_another_user_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """In a folder that others may write to, anybody could say what was done."""
    kept = RecoveryFile([tmp_path], "acme", "kept").add(Learned(an_intent()))
    assert kept is not None
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    with pytest.raises(StateUnreadable, match="isn't believed"):
        bring_back(MemoryStore(), [tmp_path], "acme")


def test_a_plan_is_saved_over_no_link_and_no_device(begun: SandboxedDesk):
    """A link that was laid into a shared folder, or /dev/stdout, which is one: neither is followed or replaced."""
    victim = begun.write("precious\n", "victim")
    (begun.folder / "link").symlink_to(victim)
    os.mkfifo(begun.folder / "pipe")

    ended = [begun.run("plan", "--out", name) for name in ("link", "pipe", "state")]

    assert [(one.code, one.out) for one in ended] == [(1, "")] * 3
    assert (victim.read_text(), (begun.folder / "link").is_symlink()) == ("precious\n", True)
    assert "Error: link can't be written: a link stands there." in ended[0].err


@pytest.mark.parametrize("name", ["chanplan.yaml", ".chanplan", ".gitignore"])
def test_init_writes_through_no_link(desk: Desk, name: str):
    """Whatever a checkout brought along."""
    outside = desk.folder.parent / "outside"
    outside.mkdir()
    (outside / "file").write_text("precious\n")
    (desk.folder / name).symlink_to(outside if name == ".chanplan" else outside / "file")

    ended = desk.run("init")

    assert ended.code == 1
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"file": "precious\n"}


def test_what_init_writes_ignores_what_runs_write(desk: Desk):
    """State, recovery files, backups and plans don't get into a repository by `git add .`."""
    desk.run("init")

    assert (desk.folder / ".gitignore").read_text().split() == [
        "state/",
        ".chanplan/",
        "chanplan-recovery-*",
        "chanplan-backup-*",
        "*.plan.json",
    ]


@pytest.mark.parametrize("name", ["", "sandbox.db"])
def test_the_sandbox_writes_through_no_link(desk: Desk, name: str):
    """A checkout could make it turn somebody's database, or folder, into a sandbox."""
    outside = desk.folder.parent / "outside"
    outside.mkdir()
    with sqlite3.connect(outside / "sandbox.db") as connection:
        connection.execute("CREATE TABLE precious (value)")
    before = (outside / "sandbox.db").read_bytes()
    link = desk.folder / ".chanplan/sandbox" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / name)

    ended = desk.run("sandbox", "status")

    assert (ended.code, (outside / "sandbox.db").read_bytes()) == (1, before)


@pytest.mark.parametrize(
    "planted",
    [
        "CREATE TRIGGER planted AFTER INSERT ON {table} BEGIN DELETE FROM {table}; END",
        "CREATE VIEW planted AS SELECT 1",
    ],
)
def test_a_state_with_a_program_in_it_is_refused(begun: SandboxedDesk, planted: str):
    """A database may hold triggers, which run when somebody writes; a state holds none."""
    with sqlite3.connect(begun.folder / "state/chanplan.db") as connection:
        (table,) = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' LIMIT 1"
        ).fetchone()
        connection.execute(planted.format(table=table))
    connection.close()

    ended = [begun.run("plan"), begun.apply()]

    assert [(one.code, "holds a trigger or a view" in one.said) for one in ended] == [(1, True), (1, True)]


@pytest.mark.parametrize("lay, code", [("write_text", "file_exists"), ("symlink_to", "usage")])
def test_a_new_file_takes_nothings_place(tmp_path: Path, lay: str, code: str):
    """Whatever came to stand there since it was looked for, a link that leads nowhere too."""
    path = tmp_path / "found.yaml"
    getattr(path, lay)("mine")

    with pytest.raises(Misused) as error:
        write_file(path, "ours", new=True)

    assert (error.value.code, [each.name for each in tmp_path.iterdir()]) == (code, ["found.yaml"])
    assert (path.readlink().name if path.is_symlink() else path.read_text()) == "mine"
