"""The whole program on a sandbox: commands in processes of their own, services in this one."""

import pytest

from tests.e2e.commands import Commands
from tests.e2e.scene import EMAIL, Scene


@pytest.fixture(scope="session")
def commands(tmp_path_factory):
    """Runs commands; one server of processes for all tests."""
    running = Commands(tmp_path_factory.mktemp("commands"))
    yield running
    running.close()


@pytest.fixture
def scene(tmp_path, commands):
    """The email workspace, not applied yet, and its sandbox."""
    with Scene(tmp_path / "scene", commands) as made:
        made.write(EMAIL.read_text())
        yield made


@pytest.fixture
def ready(scene):
    """The email workspace, applied to its end."""
    scene.expect(3, "apply", "--auto-approve")
    scene.publish()
    scene.expect(0, "apply", "--auto-approve")
    return scene
