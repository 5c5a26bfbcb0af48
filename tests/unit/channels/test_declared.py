"""The configuration beside a running service: read again when its files change, and only then."""

import os

import pytest

from chanplan.app.channels.declared import Declared
from chanplan.config.loader import load_configuration
from chanplan.model.channel_errors import Unprepared

ROOT = """version: 1
workspace: acme
include: [tenants/*.yaml]
providers: {ses: {default: {region: REGION, account_id: "123456789012"}}}
"""
SETUP = "ses_setups: {NAME: {tenant_name: NAME, domain_identity: NAME.example}}\n"


class Workspace:
    """A configuration in files, and how often it was read."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "tenants").mkdir()
        self.write("chanplan.yaml", ROOT.replace("REGION", "eu-west-1"))
        self.setup("a")
        self.reads = 0

    def write(self, name, text):
        """Write a file, at a time of its own."""
        path = self.folder / name
        path.write_text(text)
        self.written = getattr(self, "written", path.stat().st_mtime_ns) + 1_000_000_000
        os.utime(path, ns=(self.written, self.written))

    def setup(self, name):
        """Declare a setup in a file of its own."""
        self.write(f"tenants/{name}.yaml", SETUP.replace("NAME", name))

    def load(self):
        """Read it."""
        self.reads += 1
        return load_configuration(self.folder / "chanplan.yaml", {})


@pytest.fixture
def files(tmp_path):
    """A configuration with one setup."""
    return Workspace(tmp_path)


@pytest.fixture
def declared(files):
    """What a service knows of it."""
    return Declared(files.load(), files.load)


def tenants(declared):
    """Give the tenants that are declared now."""
    _, claims = declared.now()
    return {value for namespace, value in claims if namespace == "tenant"}


def test_nothing_is_read_while_nothing_changes(files, declared):
    """However often it is asked for."""
    for _ in range(3):
        assert tenants(declared) == {"a"}

    assert files.reads == 1


def test_a_changed_a_new_and_a_deleted_file_are_seen(files, declared):
    """Each once."""
    files.write("tenants/a.yaml", SETUP.replace("NAME", "b"))
    assert (tenants(declared), files.reads) == ({"b"}, 2)
    files.setup("c")
    assert (tenants(declared), files.reads) == ({"b", "c"}, 3)
    (files.folder / "tenants" / "a.yaml").unlink()
    assert (tenants(declared), files.reads) == ({"c"}, 4)
    assert (tenants(declared), files.reads) == ({"c"}, 4)


def test_while_it_has_problems_nothing_may_be_changed(files, declared):
    """The first of them is told with its place; what was read before holds for who only looks."""
    files.write("tenants/a.yaml", "ses_setups: {a: {tenant_name: a b}}\n")

    for _ in range(2):
        with pytest.raises(Unprepared, match=r"a\.yaml:1:") as raised:
            declared.now()
        assert raised.value.code == "configuration_invalid"
    assert files.reads == 2
    assert [address.name for address in declared.current.resources] == ["a"]
    files.setup("a")
    assert tenants(declared) == {"a"}


@pytest.mark.parametrize(
    "old, new",
    [
        ("workspace: acme", "workspace: other"),
        ("eu-west-1", "us-east-1"),
        ("version: 1", "version: 1\nstate: {path: other.db}"),
    ],
)
def test_what_a_running_service_cannot_take_up_stops_changes(files, declared, old, new):
    """Another workspace, place or state; put back, all is as before."""
    text = (files.folder / "chanplan.yaml").read_text()
    files.write("chanplan.yaml", text.replace(old, new))

    with pytest.raises(Unprepared) as raised:
        declared.now()
    assert raised.value.code == "configuration_changed"

    files.write("chanplan.yaml", text)
    assert tenants(declared) == {"a"}


def test_a_file_that_vanishes_is_a_problem_and_no_crash(files, declared):
    """The root file, too."""
    (files.folder / "chanplan.yaml").unlink()

    with pytest.raises(Unprepared) as raised:
        declared.now()
    assert raised.value.code == "configuration_invalid"
