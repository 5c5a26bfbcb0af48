"""The Channel Manager below HTTP, on real SDKs and sockets, beside the command line on the same workspace."""

import json
from contextlib import contextmanager

import pytest

from chanplan.app.channels.channels import open_channels
from chanplan.app.wiring import open_workspace
from chanplan.execution.pacing import OF_REQUESTS
from chanplan.model.channel_errors import Conflict, ServiceFailed, ServiceTimedOut
from chanplan.model.channels import (
    Call,
    Idempotency,
    NewEmailUseCase,
    NewSesSetup,
    NewVoiceUseCase,
    UseCaseFilter,
)
from chanplan.sandbox.dns.records import ZoneRecord
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.e2e.voice import furnish

ROOT = """version: 1
workspace: acme
include: ["api*.yaml", "voice.yaml"]
providers:
  ses: {default: {region: us-east-1}}
  twilio: {default: {account_sid: "${env:TWILIO_ACCOUNT_SID}"}}
tags: {team: growth}
"""
VOICE = """twilio_setups:
  voice:
    account: {mode: main}
    customer_profile: {sid: BU0123456789abcdef0123456789abcdef}
"""
ACME = NewSesSetup("acme", "mail.acme.example")
POST, DELETE = Call("api POST", "dashboard", 5), Call("api DELETE", "dashboard", 5)


@pytest.fixture
def served(scene, monkeypatch):
    """A folder with a configuration that declares a Twilio setup, applied; and the sandbox's variables around."""
    scene.write(ROOT)
    (scene.folder / "api.yaml").write_text("{}\n")
    (scene.folder / "voice.yaml").write_text(VOICE)
    with scene.controls() as controls:
        furnish(controls)
    scene.expect(0, "apply", "--auto-approve")
    for name, value in scene.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(scene.folder)
    return scene


@contextmanager
def window(scene):
    """A process of the API."""
    root = scene.folder / "chanplan.yaml"
    with open_workspace(root, scene.environment, patience=OF_REQUESTS) as workspace:
        service = open_channels(workspace, root, scene.environment)
        try:
            yield service
        finally:
            service.close()


def publish(scene, setup):
    """Publish what a setup asks for."""
    with scene.controls() as controls:
        controls.publish(ZoneRecord(each.address, each.type, each.record) for each in setup.dns_records)


def receipts(setup):
    """An email use case."""
    return NewEmailUseCase(
        "Acme", "Receipts", setup.id, "receipts@mail.acme.example", "transactional", "Orders"
    )


def asked(scene):
    """Give the operations that were called since the last time, without their services' names."""
    with scene.controls() as controls:
        names = [call.operation.partition(":")[2] for call in controls.calls()]
        controls.clear_calls()
    return names


def test_made_by_the_api_exported_reviewed_and_managed_by_yaml(served):
    """The whole round: no call is made for the adoption, and the API deletes it no more."""
    with window(served) as service:
        made = service.create_ses_setup(ACME, POST)
        assert not any(record.verified for record in made.dns_records)
        with pytest.raises(Conflict) as raised:
            service.create_use_case(receipts(made), POST)
        assert raised.value.code == "dns_not_verified"
        publish(served, made)
        seen = service.get_ses_setup(made.id)
        assert [record.verified for record in seen.dns_records] == [True] * 7
        mail = service.create_use_case(receipts(made), POST)
        (voice,) = service.list_twilio_setups()
        line = service.create_use_case(NewVoiceUseCase("inbound_voice", "Acme", "Hotline", voice.id), POST)

    plan = served.plan()
    assert plan["summary"]["update"] == plan["summary"]["delete"] == 0
    assert len(plan["made_by_api"]) == 3
    assert "3 resources that the HTTP API made are left alone" in served.expect(0, "plan")
    assert "ORIGIN" in served.expect(0, "state", "list")
    served.expect(0, "export", "--out", "api-made.yaml")
    assert served.run("export", "--out", "api-made.yaml").code == 1

    before = served.calls()
    plan = served.plan()
    assert [
        change["action_reason"]
        for change in plan["resource_changes"]
        if change["change"]["actions"] != ["no-op"]
    ] == ["adopted"] * 3
    assert not any(
        change["calls_service"] for change in plan["resource_changes"] if change["action_reason"] == "adopted"
    )
    served.expect(0, "apply", "--expect", plan["digest"])
    assert served.calls() == before
    assert served.plan()["summary"]["update"] == 0
    assert "made_by_api" not in served.plan()

    with window(served) as service:
        assert [item.id for item in service.list_ses_setups()] == [made.id]
        for use_case in (mail, line):
            with pytest.raises(Conflict) as raised:
                service.delete_use_case(use_case.id, DELETE)
            assert raised.value.code == "managed_by_configuration"


def test_a_request_reads_what_it_touches_and_lists_nothing(served):
    """However many there are: no List call, and no DNS for what hangs on none."""
    with window(served) as service:
        first = service.create_ses_setup(ACME, POST)
        publish(served, first)
        service.get_ses_setup(first.id)
        asked(served)

        service.create_ses_setup(NewSesSetup("other", "other.example"), POST)
        create = asked(served)
        service.list_ses_setups()
        service.list_use_cases(UseCaseFilter())
        assert asked(served) == []
        mail = service.create_use_case(receipts(first), POST)
        use_case = asked(served)
        service.delete_use_case(mail.id, DELETE)
        service.delete_ses_setup(first.id, DELETE)
        deletes = asked(served)

    called = [*create, *use_case, *deletes]
    assert {"CreateTenant", "CreateConfigurationSet", "DeleteTenant"} <= set(called)
    of_one = {"ListResourceTenants", "ListTenantResources", "ListTagsForResource"}
    assert {name for name in called if name.startswith("List")} <= of_one
    assert len(create) <= 15


@pytest.mark.parametrize(
    "operation", ["CreateTenant", "CreateEmailIdentity", "PutEmailIdentityMailFromAttributes"]
)
def test_what_a_service_refused_half_way_is_continued(served, operation):
    """The error says what is left; the same request again ends under the same id, with one of each."""
    with served.controls() as controls:
        controls.add_fault(Fault(FaultKind.ACCESS_DENIED, f"sesv2:{operation}", times=1))
    call = Call("api POST", "dashboard", 5, Idempotency("key", "body"))
    with window(served) as service:
        with pytest.raises(ServiceFailed) as raised:
            service.create_ses_setup(ACME, call)
        assert not isinstance(raised.value, ServiceTimedOut)
        assert raised.value.data["service"] == "ses"
        assert operation in raised.value.message
        assert service.list_ses_setups() == []

        made = service.create_ses_setup(ACME, call)

        assert made.id == raised.value.data.get("unfinished", made.id)
        assert service.create_ses_setup(ACME, call) == made
        assert [item.id for item in service.list_ses_setups()] == [made.id]
    assert served.plan()["summary"]["create"] == 0


@pytest.mark.parametrize(
    "operation", ["CreateTenant", "CreateEmailIdentity", "PutEmailIdentityMailFromAttributes"]
)
def test_an_answer_that_got_lost_is_looked_for(served, operation):
    """Where a look tells what was done, the caller needn't know."""
    with served.controls() as controls:
        controls.add_fault(Fault(FaultKind.DROP_AFTER, f"sesv2:{operation}", times=1))
    with window(served) as service:
        made = service.create_ses_setup(ACME, POST)
        assert [item.id for item in service.list_ses_setups()] == [made.id]


def test_a_service_that_gives_no_answer_is_told_apart(served):
    """Nothing is begun, and what is remembered can be listed."""
    with window(served) as service:
        made = service.create_ses_setup(ACME, POST)
        with served.controls() as controls:
            controls.add_fault(Fault(FaultKind.DROP_BEFORE, "sesv2:GetTenant"))

        for ask in (
            lambda: service.get_ses_setup(made.id),
            lambda: service.create_ses_setup(NewSesSetup("other", "other.example"), POST),
            lambda: service.delete_ses_setup(made.id, DELETE),
        ):
            with pytest.raises(ServiceTimedOut) as raised:
                ask()
            assert "unfinished" not in raised.value.data
        assert [item.id for item in service.list_ses_setups()] == [made.id]


def test_an_apply_finishes_what_the_api_began(served):
    """No configuration names it, and it is shown in the plan."""
    with served.controls() as controls:
        controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "sesv2:CreateEmailIdentity", times=1))
    with window(served) as service, pytest.raises(ServiceFailed) as raised:
        service.create_ses_setup(ACME, POST)

    (change,) = [
        each for each in served.plan()["resource_changes"] if each["change"]["actions"] == ["create"]
    ]
    assert (change["id"], change["action_reason"]) == (raised.value.data["unfinished"], "resumed")
    served.expect(0, "apply", "--auto-approve")

    with window(served) as service:
        (item,) = service.list_ses_setups()
        assert item.id == raised.value.data["unfinished"]
        service.delete_ses_setup(item.id, DELETE)
    assert (
        json.loads(served.expect(0, "state", "list", "--format", "json", "--kind", "ses_setup"))["items"]
        == []
    )


def test_the_history_tells_who_asked(served):
    """By the name of the key."""
    with window(served) as service:
        service.create_ses_setup(ACME, POST)

    assert "api POST" in (told := served.expect(0, "history"))
    assert "dashboard" in told
