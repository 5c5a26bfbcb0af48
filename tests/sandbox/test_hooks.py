"""The in-process hook sees every call before and after it takes effect, so a test can strike at any of them."""

import pytest
from botocore.exceptions import ConnectionClosedError

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.errors import DropCall
from chanplan.sandbox.server import Sandbox
from tests.sandbox.conftest import Clients


def test_hook_brackets_every_commit(session, directory):
    """Before the hook's "before" nothing is done, at "after" everything is, and calls are numbered from 1."""
    seen = []

    def hook(operation, phase, index):
        with Controls(directory) as controls:
            made = sum(holding.count for holding in controls.status().holdings)
        seen.append((operation, phase, index, made))

    with Sandbox(directory, hooks=hook) as sandbox:
        clients = Clients(session, sandbox.environment())
        sesv2 = clients("sesv2")
        sesv2.create_tenant(TenantName="acme")
        sesv2.list_tenants()
        clients.close()

    assert seen == [
        ("sesv2:CreateTenant", "before", 1, 0),
        ("sesv2:CreateTenant", "after", 1, 1),
        ("sesv2:ListTenants", "before", 2, 1),
        ("sesv2:ListTenants", "after", 2, 1),
    ]


@pytest.mark.parametrize("phase, made", [("before", []), ("after", ["acme"])])
def test_hook_decides_what_a_lost_call_leaves_behind(session, directory, phase, made):
    """A call that is dropped before isn't done; one that is dropped after is."""

    def hook(operation, now, index):
        if (operation, now, index) == ("sesv2:CreateTenant", phase, 1):
            raise DropCall

    with Sandbox(directory, hooks=hook) as sandbox:
        clients = Clients(session, sandbox.environment())
        sesv2 = clients("sesv2")
        with pytest.raises(ConnectionClosedError):
            sesv2.create_tenant(TenantName="acme")
        listed = [tenant["TenantName"] for tenant in sesv2.list_tenants()["Tenants"]]
        clients.close()

    assert listed == made
