"""`chanplan graph`: offline unless told otherwise, in three forms."""

import pytest

from tests.cli.desk import EMAIL, Desk, SandboxedDesk
from tests.unit.render.diagrams import read_dot, read_mermaid


def test_nobody_is_asked(desk: Desk):
    """Without credentials, services or state: what is declared would be made, in this order."""
    desk.write(EMAIL)

    ended = desk.run("graph", COLUMNS="120")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[:7] == [
        "Workspace quickstart",
        "+ sending_pool.marketing (acme-marketing): create",
        "+ sending_pool.transactional (acme-transactional): create",
        "+ ses_setup.acme-mail (mail.acme.example): create",
        "  ? dns_verified of ses_setup.acme-mail: pending",
        "    + use_case.alerts (Acme, Alerts): create, waits; also after sending_pool.transactional",
        "    + use_case.receipts (Acme, Receipts): create, waits; also after sending_pool.transactional",
    ]


def test_what_is_made_is_unchanged(finished: SandboxedDesk):
    """The gate is gone; pools and setup still come before what they carry."""
    before = finished.controls.status().calls

    dot = read_dot(finished.run("graph", "--format", "dot").out)

    assert finished.controls.status().calls == before
    assert {text.rpartition("\n")[2] for text in dot.nodes.values()} == {"unchanged"}
    assert sorted(dot.links) == [
        ("sending_pool.transactional", "use_case.alerts"),
        ("sending_pool.transactional", "use_case.receipts"),
        ("ses_setup.acme-mail", "use_case.alerts"),
        ("ses_setup.acme-mail", "use_case.receipts"),
    ]


def test_destroying_goes_the_other_way(finished: SandboxedDesk):
    """What refers goes before what it refers to."""
    dot = read_dot(finished.run("graph", "--format", "dot", "--destroy").out)

    assert ("use_case.alerts", "ses_setup.acme-mail") in dot.links
    assert ("use_case.alerts", "sending_pool.transactional") in dot.links


def test_services_are_asked_when_wanted(begun: SandboxedDesk):
    """With --refresh the drawing shows what a plan would."""
    ended = begun.run("graph", "--refresh", "shallow", "--target", "use_case.alerts", "--format", "mermaid")

    assert ended.err.startswith("Reading 5 resources from the services\n")
    texts = read_mermaid(ended.out).nodes.values()
    assert [text.partition("\n")[0] for text in texts] == [
        "sending_pool.transactional",
        "ses_setup.acme-mail",
        "dns_verified",
        "use_case.alerts",
    ]


@pytest.mark.parametrize("target", ["use_case.nobody", "acme-mail"])
def test_a_target_that_is_none(desk: Desk, target):
    """It is an error that says where to look, or what an address looks like."""
    desk.write(EMAIL)

    ended = desk.run("graph", "--target", target)

    assert (ended.code, ended.out) == (1, "")
    assert target in ended.err
