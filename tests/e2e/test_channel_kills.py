"""kill -9 of a process of the API at each call that changes something, and what the next request or apply makes of it."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chanplan.app.channels.channels import open_channels
from chanplan.app.wiring import open_workspace
from chanplan.model.channel_errors import NotFound
from tests.e2e.channel_victims import ACME, CALL
from tests.e2e.commands import Ended
from tests.e2e.kills import Blow
from tests.e2e.scene import Scene

ROOT = """version: 1
workspace: acme
providers: {ses: {default: {region: us-east-1}}}
"""
REPOSITORY = Path(__file__).parents[2]
CREATE = (
    "sesv2:CreateTenant",
    "sesv2:CreateEmailIdentity",
    "sesv2:PutEmailIdentityMailFromAttributes",
    "sesv2:CreateTenantResourceAssociation",
)
DELETE = ("sesv2:DeleteTenantResourceAssociation", "sesv2:DeleteEmailIdentity", "sesv2:DeleteTenant")


class Victim:
    """A process that answers a request."""

    def __init__(self, scene: Scene, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.channel_victims", *arguments],
            cwd=scene.folder,
            env={**os.environ, **scene.environment, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._guard = threading.Lock()
        self._ended: Ended | None = None

    def kill(self) -> None:
        """Kill it at once."""
        self._process.kill()

    def wait(self) -> Ended:
        """Wait until it has ended; whoever kills it waits, too."""
        with self._guard:
            if self._ended is None:
                out, err = self._process.communicate(timeout=60)
                self._ended = Ended(self._process.returncode, out, err)
            return self._ended


@pytest.fixture
def struck(request, tmp_path, commands, monkeypatch):
    """A workspace whose sandbox kills who calls an operation."""
    operation, phase = request.param
    blow = Blow(operation=operation, phase=phase)
    with Scene(tmp_path / "scene", commands, hooks=blow) as scene:
        scene.write(ROOT)
        for name, value in scene.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(scene.folder)
        yield scene, blow


def window(scene):
    """Open the workspace in this process."""
    root = scene.folder / "chanplan.yaml"
    return open_workspace(root, scene.environment), lambda w: open_channels(w, root, scene.environment)


def kills(operations):
    """Before each of these calls takes effect, and after."""
    return [(operation, phase) for operation in operations for phase in ("before", "after")]


@pytest.mark.parametrize(
    "struck", kills(CREATE), indirect=True, ids=lambda each: "-".join(each).partition(":")[2]
)
def test_a_killed_create_is_answered_to_who_asks_again(struck):
    """Under its key, with one tenant and one identity, which an apply finds as they are."""
    scene, blow = struck
    assert blow.land(Victim(scene, "create")).code == -9
    opened, serve = window(scene)
    with opened as workspace:
        service = serve(workspace)
        begun = {intent.resource_id for intent in workspace.store.load().intents}
        assert service.list_ses_setups() == []

        made = service.create_ses_setup(ACME, CALL)

        assert begun == {made.id}
        assert [item.id for item in service.list_ses_setups()] == [made.id]
        assert workspace.store.load().intents == ()
    assert scene.calls().count("sesv2:CreateTenant") <= 2
    sesv2 = scene.client()
    assert len(sesv2.list_tenants()["Tenants"]) == len(sesv2.list_email_identities()["EmailIdentities"]) == 1
    plan = scene.plan()
    assert [change["action_reason"] for change in plan["resource_changes"]] == ["unchanged"]


@pytest.mark.parametrize(
    "struck", kills(CREATE[1:2]), indirect=True, ids=lambda each: "-".join(each).partition(":")[2]
)
def test_a_killed_create_is_finished_by_an_apply(struck):
    """Nobody asks again, and no configuration names it."""
    scene, blow = struck
    assert blow.land(Victim(scene, "create")).code == -9

    scene.expect(0, "apply", "--auto-approve")

    (resource,) = scene.state().resources.values()
    assert (resource.complete, resource.origin) == (True, "api")
    opened, serve = window(scene)
    with opened as workspace:
        service = serve(workspace)
        assert service.create_ses_setup(ACME, CALL).id == resource.id
        service.delete_ses_setup(resource.id, CALL)
    sesv2 = scene.client()
    assert sesv2.list_tenants()["Tenants"] == sesv2.list_email_identities()["EmailIdentities"] == []


@pytest.mark.parametrize(
    "struck", kills(DELETE), indirect=True, ids=lambda each: "-".join(each).partition(":")[2]
)
@pytest.mark.parametrize("by", ["the same request", "an apply"])
def test_a_killed_delete_is_finished(struck, by):
    """By whoever comes next; nothing of it is left."""
    scene, blow = struck
    opened, serve = window(scene)
    with opened as workspace:
        made = serve(workspace).create_ses_setup(ACME, CALL)
        workspace.store.close()
        assert blow.land(Victim(scene, "delete", made.id)).code == -9
        if by == "an apply":
            scene.expect(0, "apply", "--auto-approve")
        else:
            serve(workspace).delete_ses_setup(made.id, CALL)
        with pytest.raises(NotFound):
            serve(workspace).get_ses_setup(made.id)
    assert scene.state().intents == ()
    sesv2 = scene.client()
    assert sesv2.list_tenants()["Tenants"] == sesv2.list_email_identities()["EmailIdentities"] == []
