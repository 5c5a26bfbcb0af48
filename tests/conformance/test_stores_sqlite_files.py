"""The SQLite store and its file: what it makes, what it reads, and what it says of files that won't do."""

import os
import resource as limits
import shutil
import sqlite3
import stat
from contextlib import closing, contextmanager

import pytest

from chanplan.model.checkup import Concern
from chanplan.model.errors import Locked, StateUnreadable, StateUnwritable
from chanplan.model.snapshots import PutResource, Snapshot
from chanplan.stores.sqlite import examination
from chanplan.stores.sqlite.store import SqliteStore
from tests.conformance.privileges import file_modes_count
from tests.conformance.store_samples import (
    OBSERVATION,
    RECEIPTS,
    RECEIPTS_STATE,
    SETUP,
    SETUP_STATE,
    intent,
    resource,
)


@pytest.fixture
def path(tmp_path):
    """Where the state is, in a folder of its own."""
    return tmp_path / "state" / "chanplan.db"


@pytest.fixture
def filled(path):
    """A state with one resource, closed."""
    store = SqliteStore(path)
    store.edit([PutResource(SETUP_STATE)])
    store.close()
    return path


@pytest.fixture
def ordinary_user():
    """Run the test without root's power over file modes."""
    with file_modes_count():
        yield


def names(folder):
    """The names of all files in a folder, sorted."""
    return sorted(each.name for each in folder.iterdir())


def mode(path):
    """The rights on a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def mode_of(path, changed):
    """Change the rights on a file or folder for a while."""
    before = mode(path)
    path.chmod(changed)
    try:
        yield
    finally:
        path.chmod(before)


@contextmanager
def files_up_to(size):
    """Let this process write no file beyond a size in bytes, for a while."""
    soft, hard = limits.getrlimit(limits.RLIMIT_FSIZE)
    limits.setrlimit(limits.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, (soft, hard))


class TestMaking:
    def test_reading_creates_nothing(self, path, tmp_path):
        """Neither file nor folder appears, whatever is read."""
        store = SqliteStore(path)

        assert (store.load(), list(store.runs(1)), names(tmp_path)) == (Snapshot(), [], [])

    @pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
    def test_a_state_is_for_its_owner_alone(self, path, umask):
        """File, companions and lock have mode 0600, the folder 0700, whatever the umask."""
        before = os.umask(umask)
        try:
            store = SqliteStore(path)
            with store.lock("ci", "apply", 0):
                store.edit([PutResource(SETUP_STATE)])
        finally:
            os.umask(before)

        modes = {each.name: oct(mode(each)) for each in (path.parent, *path.parent.iterdir())}
        store.close()
        expected = dict.fromkeys(
            ["chanplan.db", "chanplan.db-shm", "chanplan.db-wal", "chanplan.db.lock"], oct(0o600)
        )
        assert modes == {"state": oct(0o700), **expected}

    def test_nothing_but_state_and_lock_stays(self, path):
        """A closed store leaves one file, and one for the lock."""
        store = SqliteStore(path)
        with store.lock("ci", "apply", 0):
            store.edit([PutResource(SETUP_STATE)])
        store.close()

        assert names(path.parent) == ["chanplan.db", "chanplan.db.lock"]

    @pytest.mark.parametrize("name", ["50% done?.db", "a#b&c=d.db", "stäte 1.db", ":memory:", "file:x"])
    def test_any_file_name_is_a_file_name(self, tmp_path, name):
        """No character of a path has a meaning of its own."""
        store = SqliteStore(tmp_path / name)
        store.edit([PutResource(SETUP_STATE)])
        store.close()

        assert names(tmp_path) == [name]
        assert SqliteStore(tmp_path / name).load().resources == {SETUP: SETUP_STATE}

    def test_an_empty_file_is_an_empty_state(self, path):
        """One that was made by hand, or whose maker was killed right after: it reads as empty and is filled."""
        path.parent.mkdir()
        path.touch()
        store = SqliteStore(path)
        assert store.load() == Snapshot()

        store.edit([PutResource(SETUP_STATE)])

        assert store.load().resources == {SETUP: SETUP_STATE}

    def test_a_file_without_tables_is_an_empty_state(self, path):
        """Its maker was killed before the first transaction."""
        path.parent.mkdir()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        store = SqliteStore(path)
        assert store.load() == Snapshot()

        store.edit([PutResource(SETUP_STATE)])

        assert store.load().resources == {SETUP: SETUP_STATE}


class TestLinks:
    def test_a_linked_state_is_one_state_with_one_lock(self, filled, tmp_path):
        """Under each of its names the same is read, and the same lock is taken."""
        link = tmp_path / "link.db"
        link.symlink_to(filled)
        linked = SqliteStore(link)

        with linked.lock("ci", "apply", 0), pytest.raises(Locked):
            SqliteStore(filled).lock("me", "apply", 0).__enter__()
        assert linked.load().resources == {SETUP: SETUP_STATE}
        assert (names(tmp_path), link.is_symlink()) == (["link.db", "state"], True)

    def test_a_link_to_nothing_yet_is_followed(self, path, tmp_path):
        """The state is made where the link points to."""
        link = tmp_path / "link.db"
        link.symlink_to(path)
        store = SqliteStore(link)
        store.edit([PutResource(SETUP_STATE)])
        store.close()

        assert (link.is_symlink(), names(path.parent)) == (True, ["chanplan.db"])

    def test_a_lock_file_that_is_a_link_is_refused(self, filled, tmp_path):
        """Somebody else may have put it there to have another file written."""
        other = tmp_path / "other"
        other.write_text("precious", encoding="utf-8")
        filled.with_name("chanplan.db.lock").symlink_to(other)

        with pytest.raises(StateUnwritable):
            SqliteStore(filled).lock("ci", "apply", 0).__enter__()

        assert other.read_text(encoding="utf-8") == "precious"


def _garbage(path):
    path.write_bytes(b"version: 1\nworkspace: acme\n" * 100)


def _other_program(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE places (url TEXT)")


def _newer(path):
    SqliteStore(path).edit([PutResource(SETUP_STATE)])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def _damaged(path):
    store = SqliteStore(path)
    store.edit([PutResource(resource(SETUP, text="x" * 100_000))])
    store.close()
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))


def _cut(path):
    store = SqliteStore(path)
    store.edit([PutResource(resource(SETUP, text="x" * 100_000))])
    store.close()
    os.truncate(path, 50_000)


UNFIT = {
    "directory": (lambda path: path.mkdir(), "is a directory", "state_unreadable"),
    "pipe": (os.mkfifo, "is no regular file", "state_unreadable"),
    "garbage": (_garbage, "is damaged or not a chanplan state", "state_unreadable"),
    "another program's": (_other_program, "is a database of another program", "state_unreadable"),
    "newer": (_newer, "has format 99", "state_version"),
    "damaged": (_damaged, "is damaged or not a chanplan state", "state_unreadable"),
    "cut off": (_cut, "is damaged or not a chanplan state", "state_unreadable"),
}


class TestUnfitFiles:
    @pytest.mark.parametrize("name", UNFIT)
    @pytest.mark.parametrize(
        "use", [lambda store: store.load(), lambda store: store.begin(intent())], ids=["read", "write"]
    )
    def test_what_is_no_state_is_refused_and_left_alone(self, path, name, use):
        """The message says what it is, the remedy what to do; not a byte of it changes."""
        make, message, code = UNFIT[name]
        path.parent.mkdir()
        make(path)
        before = path.read_bytes() if path.is_file() else None

        store = SqliteStore(path)
        with pytest.raises(StateUnreadable) as caught:
            use(store)
        store.close()

        assert caught.value.message.startswith(("The state " + str(path), str(path)))
        assert message in caught.value.message
        assert (caught.value.code, caught.value.remedy[-1]) == (code, ".")
        assert (path.read_bytes() if path.is_file() else None) == before

    @pytest.mark.parametrize(
        "table, column, content, where",
        [
            ("resource", "document", "{", "resource ses_setup.acme-mail isn't readable as JSON"),
            ("resource", "document", "[]", "resource ses_setup.acme-mail holds a list"),
            ("observation", "document", "{}", "observation of use_case.receipts: `address` is missing"),
            ("intent", "document", '{"id": 1}', "intent intent-1: `id` holds a number"),
            ("intent", "facts", "7", "facts of intent intent-1 holds a number"),
        ],
    )
    def test_a_row_that_was_edited_by_hand_is_named(self, path, table, column, content, where):
        """What can't be understood is said with the row that holds it."""
        store = SqliteStore(path)
        store.edit([PutResource(SETUP_STATE)])
        store.observe([OBSERVATION])
        store.begin(intent())
        store.close()
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"UPDATE {table} SET {column} = ?", (content,))

        with pytest.raises(StateUnreadable) as caught:
            store.load()

        assert where in caught.value.message

    def test_a_path_that_no_system_takes_is_refused(self, tmp_path):
        """A null character, a name that is too long, a folder that is a file."""
        (tmp_path / "file").touch()
        for odd in ("nul\0.db", "x" * 300, "file/chanplan.db"):
            with pytest.raises(StateUnreadable):
                SqliteStore(tmp_path / odd).load()

    def test_a_state_that_vanishes_while_it_is_in_use_is_missed(self, filled):
        """A write to a file that nobody can find any more would be lost: it is refused."""
        store = SqliteStore(filled)
        store.begin(intent())
        filled.unlink()

        with pytest.raises(StateUnwritable) as caught:
            store.settle("intent-1", [])
        store.close()

        assert "was removed or replaced while it was in use" in caught.value.message


class TestRights:
    def test_a_state_that_can_only_be_read_is_read(self, filled, ordinary_user):
        """A read-only file in a read-only folder, as of a checkout or an artefact; nothing is created beside it."""
        with mode_of(filled, 0o400), mode_of(filled.parent, 0o500):
            found = SqliteStore(filled).load().resources

            assert (found, names(filled.parent)) == ({SETUP: SETUP_STATE}, ["chanplan.db"])

    @pytest.mark.parametrize("folder", [0o500, 0o700])
    def test_a_state_that_can_only_be_read_is_not_written(self, filled, ordinary_user, folder):
        """Writing says which rights are missing; nothing is created beside the file."""
        with mode_of(filled, 0o400), mode_of(filled.parent, folder):
            store = SqliteStore(filled)
            with pytest.raises(StateUnwritable) as caught:
                store.begin(intent())
            store.close()

            assert "can't be written" in caught.value.message
            assert caught.value.remedy.startswith("Give the user that runs chanplan the right to write")
            assert names(filled.parent) == ["chanplan.db"]

    def test_a_lock_needs_a_folder_that_can_be_written(self, filled, ordinary_user):
        """An apply on a read-only folder ends before it does anything."""
        with mode_of(filled.parent, 0o500), pytest.raises(StateUnwritable) as caught:
            SqliteStore(filled).lock("ci", "apply", 0).__enter__()

        assert "permission denied" in caught.value.message

    def test_what_a_killed_run_left_is_read_without_rights_to_write(self, filled, ordinary_user, tmp_path):
        """Its latest writes are beside the file, not yet merged into it: they count."""
        writer = SqliteStore(filled)
        writer.edit([PutResource(RECEIPTS_STATE)])
        left = tmp_path / "left"
        left.mkdir()
        for name in ("chanplan.db", "chanplan.db-wal"):
            shutil.copyfile(filled.with_name(name), left / name)
            (left / name).chmod(0o400)
        writer.close()

        with mode_of(left, 0o500):
            found = SqliteStore(left / "chanplan.db").load().resources

            assert (found.keys(), names(left)) == ({SETUP, RECEIPTS}, ["chanplan.db", "chanplan.db-wal"])

    def test_a_running_apply_is_read_without_rights_to_write(self, filled, ordinary_user):
        """While a writer is at work, a reader with fewer rights sees what it has done so far."""
        writer = SqliteStore(filled)
        writer.edit([PutResource(RECEIPTS_STATE)])
        with mode_of(filled.parent, 0o500):
            found = SqliteStore(filled).load().resources
        writer.close()

        assert found.keys() == {SETUP, RECEIPTS}

    def test_a_state_that_may_not_be_read_is_an_error_and_no_empty_state(self, filled, ordinary_user):
        """Neither a file nor a folder without rights counts as nothing being there."""
        messages = []
        for hidden in (filled, filled.parent):
            with mode_of(hidden, 0o000), pytest.raises(StateUnreadable) as caught:
                SqliteStore(filled).load()
            messages.append(caught.value.remedy)

        assert [message.startswith("Check the path") for message in messages] == [True, True]


class TestFullDisk:
    def test_a_full_disk_undoes_the_write_and_says_so(self, filled):
        """Nothing of it stays; once there is space, the same store goes on."""
        store = SqliteStore(filled)
        store.begin(intent())
        before = store.load()
        large = [PutResource(resource(RECEIPTS, text="x" * 1_000_000))]
        store._writer.write(lambda connection: connection.execute("PRAGMA max_page_count = 40"))

        with pytest.raises(StateUnwritable) as caught:
            store.settle("intent-1", large)

        assert caught.value.message == f"The state {filled} can't be written: the disk is full."
        assert store.load() == before
        store._writer.write(lambda connection: connection.execute("PRAGMA max_page_count = 4000"))
        store.settle("intent-1", large)
        assert store.load().resources.keys() == {SETUP, RECEIPTS}
        store.close()

    def test_a_disk_that_refuses_undoes_the_write_and_says_so(self, filled):
        """The same for a write that the system cuts off, here at a limit on the size of files."""
        store = SqliteStore(filled)
        store.begin(intent())
        before = store.load()
        with files_up_to(200_000), pytest.raises(StateUnwritable):
            store.settle("intent-1", [PutResource(resource(RECEIPTS, text="x" * 1_000_000))])

        assert store.load() == before
        store.settle("intent-1", [PutResource(RECEIPTS_STATE)])
        assert store.load().resources.keys() == {SETUP, RECEIPTS}
        store.close()

    def test_a_full_disk_can_be_read(self, filled):
        """A plan needs no space for what SQLite would put beside the file."""
        with files_up_to(1_000):
            found = SqliteStore(filled).load().resources

        assert found == {SETUP: SETUP_STATE}


class TestExamination:
    """What `doctor` is told of the file."""

    @staticmethod
    def concerns(path):
        """What is wrong with it."""
        return [remark.concern for remark in SqliteStore(path).examine().remarks]

    def test_one_that_is_well(self, filled):
        """Its size, and in which format it is; nothing is made beside it."""
        facts = SqliteStore(filled).examine()

        assert (facts.place, facts.size, facts.remarks) == (str(filled), filled.stat().st_size, ())
        assert facts.details["format"] == "2"
        assert names(filled.parent) == ["chanplan.db"]

    def test_one_that_may_not_be_written(self, filled, ordinary_user):
        """By the file's rights or its folder's."""
        with mode_of(filled.parent, 0o500):
            assert self.concerns(filled) == [Concern.NOT_WRITABLE]

    def test_one_that_can_not_be_made(self, filled, ordinary_user):
        """Before there is any."""
        with mode_of(filled.parent, 0o500):
            assert self.concerns(filled.with_name("other.db")) == [Concern.NOT_WRITABLE]

    def test_one_on_a_full_disk(self, filled, monkeypatch):
        """A backup would find no room."""
        monkeypatch.setattr(examination, "_ROOM", 2**80)

        assert self.concerns(filled) == [Concern.LITTLE_SPACE]

    def test_one_of_which_a_page_is_lost(self, filled):
        """A part that no reading comes by: it's found all the same."""
        with closing(sqlite3.connect(filled)) as connection:
            query = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_run_1'"
            ((page,),) = connection.execute(query).fetchall()
            ((size,),) = connection.execute("PRAGMA page_size").fetchall()
        with filled.open("r+b") as file:
            file.seek((page - 1) * size)
            file.write(bytes(size))

        assert SqliteStore(filled).load().resources == {SETUP: SETUP_STATE}
        assert self.concerns(filled) == [Concern.DAMAGED]
