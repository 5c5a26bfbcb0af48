"""Desks to work at."""

import pytest

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from tests.cli.desk import QUICKSTART, Desk, SandboxedDesk


@pytest.fixture
def desk(tmp_path):
    """An empty folder, far from any service."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return Desk(folder)


@pytest.fixture
def sandboxed(tmp_path):
    """The quickstart, not applied, before an empty sandbox."""
    folder = tmp_path / "desk"
    folder.mkdir()
    with Sandbox(tmp_path / "sandbox") as sandbox, Controls(tmp_path / "sandbox") as controls:
        desk = SandboxedDesk(folder, sandbox, controls)
        desk.write(QUICKSTART)
        yield desk


@pytest.fixture
def begun(sandboxed):
    """The quickstart applied as far as it goes before its records are published."""
    assert sandboxed.apply().code == 3
    return sandboxed


@pytest.fixture
def finished(sandboxed):
    """The quickstart applied to its end."""
    sandboxed.finish()
    return sandboxed
