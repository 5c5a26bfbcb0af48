"""Desks to work at."""

import shutil
from contextlib import contextmanager

import pytest

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from tests.cli.desk import EMAIL, Desk, SandboxedDesk


@pytest.fixture
def desk(tmp_path):
    """An empty folder, far from any service."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return Desk(folder)


@pytest.fixture
def sandboxed(tmp_path):
    """The email workspace, not applied, before an empty sandbox."""
    with opened(tmp_path) as desk:
        desk.write(EMAIL)
        yield desk


@pytest.fixture
def begun(tmp_path, begun_once):
    """The email workspace applied as far as it goes before its records are published."""
    shutil.copytree(begun_once, tmp_path, dirs_exist_ok=True)
    with opened(tmp_path) as desk:
        yield desk


@pytest.fixture
def finished(tmp_path, finished_once):
    """The email workspace applied to its end."""
    shutil.copytree(finished_once, tmp_path, dirs_exist_ok=True)
    with opened(tmp_path) as desk:
        yield desk


# A workspace and its sandbox are two folders, so that what takes a while is done once and copied.


@pytest.fixture(scope="session")
def begun_once(tmp_path_factory):
    """The folders of an email workspace that waits for its records."""
    root = tmp_path_factory.mktemp("begun")
    with opened(root) as desk:
        desk.write(EMAIL)
        assert desk.apply().code == 3
    return root


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory, begun_once):
    """The folders of an email workspace that is applied to its end."""
    root = tmp_path_factory.mktemp("finished")
    shutil.copytree(begun_once, root, dirs_exist_ok=True)
    with opened(root) as desk:
        desk.publish()
        assert desk.apply().code == 0
    return root


@contextmanager
def opened(root):
    """Starts the sandbox of a desk; both stay below `root`."""
    (root / "desk").mkdir(exist_ok=True)
    with Sandbox(root / "sandbox") as sandbox, Controls(root / "sandbox") as controls:
        yield SandboxedDesk(root / "desk", sandbox, controls)


@pytest.fixture
def mailing(tmp_path, mailing_once):
    """The email workspace applied to its end with `--sandbox`, so that the sandbox is the one that commands steer."""
    shutil.copytree(mailing_once, tmp_path, dirs_exist_ok=True)
    return Desk(tmp_path)


@pytest.fixture(scope="session")
def mailing_once(tmp_path_factory):
    """The folder of an email workspace whose sandbox lies in it."""
    desk = Desk(tmp_path_factory.mktemp("mailing"))
    desk.write(EMAIL)
    assert desk.run("--sandbox", "apply", "--auto-approve").code == 3
    assert desk.run("sandbox", "publish", "--all").code == 0
    assert desk.run("--sandbox", "apply", "--auto-approve").code == 0
    return desk.folder
