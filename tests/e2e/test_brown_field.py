"""Accounts that others filled, under control in one review: discover, fill in, plan, apply, and nothing but tags was written."""

import json
from collections import Counter

import pytest

from tests.e2e.scene import EMAIL, READS, Scene

CUSTOMERS, LOST = 100, 10
ROOT = """\
version: 1
workspace: brown
providers:
  ses: {default: {region: us-east-1}}
"""
VOICE_ROOT = """\
version: 1
workspace: brown
providers:
  twilio: {default: {account_sid: "${env:TWILIO_ACCOUNT_SID}"}}
"""
PROFILE = "BU0123456789abcdef0123456789abcdef"
ARN = "arn:aws:ses:us-east-1:123456789012:"
ANSWERS = ("--sender-local-part", "{name}", "--email-type", "transactional")


@pytest.fixture
def account(tmp_path, commands):
    """A folder with nothing but the way to SES, where others have made 350 objects by boto3."""
    with Scene(tmp_path / "scene", commands) as scene:
        scene.write(ROOT)
        fill(scene.client())
        yield scene


def name_of(number):
    """The name of a customer: names of configuration sets hold letters only."""
    return "customer-" + "".join(chr(ord("a") + int(digit)) for digit in f"{number:03d}")


def fill(sesv2):
    """Makes 100 tenants with their domains, 200 configuration sets whose names fit, and 50 objects that don't."""

    def associate(tenant, *resources):
        for resource in resources:
            sesv2.create_tenant_resource_association(TenantName=tenant, ResourceArn=ARN + resource)

    for number in range(CUSTOMERS):
        name = name_of(number)
        domain = f"mail.{name}.example"
        sesv2.create_tenant(TenantName=name)
        sesv2.create_email_identity(EmailIdentity=domain)
        sesv2.put_email_identity_mail_from_attributes(
            EmailIdentity=domain, MailFromDomain=f"{'bounce' if number % 2 else 'mail'}.{domain}"
        )
        sets = [f"{name}_receipts", f"{name}_news-letter"]
        for each in sets:
            sesv2.create_configuration_set(ConfigurationSetName=each)
        associate(name, f"identity/{domain}", *(f"configuration-set/{each}" for each in sets))
    for number in range(LOST):
        name, letter = name_of(number), chr(ord("a") + number)
        sesv2.create_tenant(TenantName=f"empty-{number}")
        sesv2.create_email_identity(EmailIdentity=f"lonely-{number}.example")
        sesv2.create_email_identity(EmailIdentity=f"person-{number}@theirs.example")
        sesv2.create_configuration_set(ConfigurationSetName=f"Legacy{number}")
        associate(name, f"configuration-set/Legacy{number}")
        sesv2.create_configuration_set(ConfigurationSetName=f"lost_{letter}")


def counted(scene):
    """Gives how often each operation was called since the last look."""
    with scene.controls() as controls:
        calls = Counter(call.operation for call in controls.calls())
        controls.clear_calls()
    return dict(calls)


def written(calls):
    """Leaves of counted calls those that can change something."""
    return {name: count for name, count in calls.items() if not name.partition(":")[2].startswith(READS)}


def test_an_account_comes_under_control_in_one_review(account):
    """What can't be imported is listed with the reason; what can is written, reviewed and applied with no write but
    tags, and then there is nothing left to change, however closely one looks."""
    counted(account)

    found = json.loads(account.expect(0, "discover", "--format", "json", "--out", "found.yaml", *ANSWERS))

    assert counted(account) == {
        "sesv2:ListTenants": 3,
        "sesv2:ListTenantResources": CUSTOMERS + LOST,
        "sesv2:ListEmailIdentities": 1,
        "sesv2:ListReputationEntities": 2,
        "sesv2:ListConfigurationSets": 1,
        "sesv2:ListDedicatedIpPools": 1,
        "ses:GetIdentityDkimAttributes": 2,
        "ses:GetIdentityMailFromDomainAttributes": 2,
        "ses:ListReceiptRuleSets": 1,
        "tagging:GetResources": 1,
    }
    assert (found["summary"]["importable"], found["summary"]["to_fill_in"]) == (300, 0)
    assert Counter(tuple(why["code"] for why in each["reasons"]) for each in found["not_importable"]) == {
        ("tenant_without_domain",): LOST,
        ("domain_without_tenant",): LOST,
        ("email_address_identity",): LOST,
        ("set_name_unfit",): LOST,
        ("set_without_tenant",): LOST,
    }

    account.write(ROOT + "include: [found.yaml]\n")
    account.expect(0, "validate")
    plan = account.plan()
    account.expect(0, "apply", "--expect", plan["digest"])

    assert written(counted(account)) == {"sesv2:TagResource": 4 * CUSTOMERS}
    assert len(account.state().resources) == 300
    account.expect(0, "plan", "--detailed-exitcode")
    account.expect(0, "plan", "--detailed-exitcode", "--refresh", "deep")
    assert written(counted(account)) == {}
    again = json.loads(account.expect(0, "discover", "--format", "json"))
    assert (again["summary"]["importable"], again["summary"]["in_state"]) == (0, 300)


def test_what_goes_meanwhile_isnt_told(tmp_path, commands):
    """Looking at everything takes minutes at AWS; somebody deletes a tenant between its list and the look at it."""
    clients = []

    def hook(operation, phase, number):
        if (operation, phase) == ("sesv2:ListTenantResources", "before") and clients:
            clients.pop().delete_tenant(TenantName="going")

    with Scene(tmp_path / "scene", commands, hooks=hook) as scene:
        scene.write(ROOT)
        client = scene.client()
        client.create_tenant(TenantName="going")
        clients.append(client)

        found = json.loads(scene.expect(0, "discover", "--format", "json"))

    assert (found["summary"]["not_importable"], found["not_read"], clients) == (0, [], [])


def test_a_state_that_was_lost_is_found_again(ready):
    """What this workspace made carries its mark: discovered, declared as it is, and imported under its old ids. Where the
    configuration still declares it, entries are all that is written."""
    ids = {address.name: resource.id for address, resource in ready.state().resources.items()}
    (ready.folder / "state/chanplan.db").unlink()
    ready.write(ROOT.replace("brown", "quickstart") + "tags: {team: growth}\n")
    pools = ("--pool", "acme-transactional=transactional", "--pool", "acme-marketing=marketing")

    found = json.loads(
        ready.expect(0, "discover", "--format", "json", "--out", "found.yaml", *ANSWERS, *pools)
    )
    before = ready.objects()
    counted(ready)
    ready.write(ROOT.replace("brown", "quickstart") + "tags: {team: growth}\ninclude: [found.yaml]\n")
    ready.expect(0, "apply", "--auto-approve")

    assert {each["mark"]["owner"] for each in found["importable"]} == {"orphan"}
    assert sorted(resource.id for resource in ready.state().resources.values()) == sorted(ids.values())
    assert written(counted(ready)) == {}
    assert len(ready.objects()) == len(before)
    ready.expect(0, "plan", "--detailed-exitcode", "--refresh", "deep")

    (ready.folder / "state/chanplan.db").unlink()
    ready.write(EMAIL.read_text())
    again = json.loads(ready.expect(0, "discover", "--format", "json", "--out", "entries.yaml"))
    ready.write(EMAIL.read_text() + "include: [entries.yaml]\n")
    ready.expect(0, "apply", "--auto-approve")

    assert (again["summary"]["unclaimed"], again["summary"]["importable"]) == (len(ids), 0)
    assert sorted(resource.id for resource in ready.state().resources.values()) == sorted(ids.values())
    assert written(counted(ready)) == {}


def test_lines_come_under_control(tmp_path, commands):
    """Applications with their numbers and settings; what only a person knows is said once. Nothing is written at all:
    Twilio keeps no marks."""
    with Scene(tmp_path / "scene", commands) as scene:
        scene.write(VOICE_ROOT)
        with scene.controls() as controls:
            twilio = controls.twilio
            twilio.approve(PROFILE)
            twilio.add_application("phone tree")
            for number, name in enumerate(("Support line", "Sales line")):
                application = twilio.add_application(
                    f"Acme/{name}", VoiceUrl=f"https://voice.acme.example/{number}?a=b#c", VoiceMethod="GET"
                )
                phone_number = f"+1415555010{number}"
                twilio.add_number(phone_number, application=application)
                twilio.assign(PROFILE, phone_number)
        counted(scene)

        found = json.loads(
            scene.expect(
                0, "discover", "--format", "json", "--out", "found.yaml", "--channel", "inbound_voice"
            )
        )

        assert counted(scene) == {
            "twilio:FetchAccount": 1,
            "twilio:ListCustomerProfile": 2,
            "twilio:ListApplication": 1,
            "twilio:ListIncomingPhoneNumber": 1,
            "twilio:ListCustomerProfileChannelEndpointAssignment": 1,
        }
        assert [each["address"] for each in found["importable"]] == [
            "twilio_setup.sandbox",
            "use_case.acme_support-line",
            "use_case.acme_sales-line",
        ]
        assert [each["reasons"][0]["code"] for each in found["not_importable"]] == ["application_name_unfit"]
        scene.write(VOICE_ROOT + "include: [found.yaml]\n")
        scene.expect(0, "apply", "--auto-approve")
        assert written(counted(scene)) == {}
        scene.expect(0, "plan", "--detailed-exitcode", "--refresh", "deep")
