"""Servers over a service of the tests' own, and the whole service on a sandbox; clients of both."""

import pytest

from tests.api.front import running
from tests.api.world import served
from tests.ci.tools import browser
from tests.e2e.commands import Commands


@pytest.fixture
def front():
    """A server with keys and without a limit on how often it is asked."""
    with running() as made:
        yield made


@pytest.fixture
def client(front):
    """Somebody whose key may do everything."""
    return front.client()


@pytest.fixture(scope="session")
def commands(tmp_path_factory):
    """Runs commands; one server of processes for all tests."""
    made = Commands(tmp_path_factory.mktemp("commands"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory, commands):
    """One workspace that is served, for all tests of a file: each makes what it needs under names of its own."""
    with served(tmp_path_factory.mktemp("world") / "scene", commands) as made:
        yield made


@pytest.fixture
def api(world):
    """Somebody whose key may do everything there."""
    return world.client()


@pytest.fixture
def own_world(tmp_path, commands):
    """A workspace that isn't served yet, for one test alone."""
    with served(tmp_path / "scene", commands, start=False) as made:
        yield made


def pytest_ignore_collect(collection_path):
    """Leaves out what needs a browser that isn't at hand; the summary of all tests says so."""
    return True if collection_path.name == "test_page.py" and browser() is None else None
