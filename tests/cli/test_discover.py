"""`discover`: what it prints and writes, and what it says when it can't."""

import pytest

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.cli.desk import Desk, SandboxedDesk

BARE = """\
version: 1
workspace: acme-production
providers:
  ses: {default: {region: us-east-1}}
"""
BOTH = (
    BARE
    + """\
  twilio: {default: {account_sid: "${env:TWILIO_ACCOUNT_SID}"}}
"""
)
ARN = "arn:aws:ses:us-east-1:123456789012:"
PROFILE = "BU00000000000000000000000000000001"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A sandbox for these tests; each finds the same objects that chanplan didn't make."""
    root = tmp_path_factory.mktemp("discover")
    with Sandbox(root / "sandbox") as sandbox, Controls(root / "sandbox") as controls:
        yield sandbox, controls


@pytest.fixture
def desk(tmp_path, shared, make_client):
    """A folder with nothing but the ways to the services, at which others have made something."""
    sandbox, controls = shared
    controls.reset()
    sesv2 = make_client(sandbox)
    sesv2.create_tenant(TenantName="acme")
    sesv2.create_email_identity(EmailIdentity="mail.acme.example")
    sesv2.put_email_identity_mail_from_attributes(
        EmailIdentity="mail.acme.example", MailFromDomain="bounce.mail.acme.example"
    )
    sesv2.create_configuration_set(ConfigurationSetName="acme_receipts")
    for resource in ("identity/mail.acme.example", "configuration-set/acme_receipts"):
        sesv2.create_tenant_resource_association(TenantName="acme", ResourceArn=ARN + resource)
    sesv2.create_configuration_set(ConfigurationSetName="legacy")
    yield opened(tmp_path, sandbox, controls)
    controls.clear_faults()


@pytest.fixture(scope="module")
def make_client():
    """Returns a function that makes a client of a sandbox: somebody else in the same account."""
    import boto3

    made = []

    def make(sandbox):
        made.append(
            boto3.client(
                "sesv2",
                region_name="us-east-1",
                endpoint_url=sandbox.environment()["AWS_ENDPOINT_URL_SESV2"],
                aws_access_key_id="sandbox",
                aws_secret_access_key="any",
            )
        )
        return made[-1]

    yield make
    for client in made:
        client.close()


def opened(folder, sandbox, controls):
    """A desk with a bare configuration."""
    desk = SandboxedDesk(folder, sandbox, controls)
    desk.write(BARE)
    return desk


def test_it_begins_with_nothing_but_a_provider(desk):
    """What can be imported, what is to be filled in, and why the rest can't be."""
    ended = desk.run("discover")

    assert ended.code == 0
    assert ended.err.splitlines()[0] == "Looking for what exists at the services"
    assert "2 objects can be imported into workspace acme-production and 1 can't be." in ended.out
    assert "ses_setup.acme" in ended.out
    assert "set_name_unfit (1)" in ended.out
    assert list(desk.files()) == ["chanplan.yaml"]


def test_it_says_how_the_yaml_is_had(desk):
    """On standard error, where a table alone was asked for."""
    said = "Next: `chanplan discover --out FILE` writes the YAML that imports them.\n"

    assert desk.run("discover").err.endswith(said)
    assert said not in desk.run("discover", "--out", "imported.yaml").err
    assert said not in desk.run("discover", "--format", "json").err


def test_what_it_writes_is_reviewed_and_then_valid(desk):
    """Values that only a person knows keep it from being valid; options give them at once. Then nothing is left to find."""
    assert desk.run("discover", "--out", "found.yaml").code == 0
    desk.write(BARE + "include: [found.yaml]\n")
    invalid = desk.run("validate")
    assert invalid.code == 1
    assert [line.split(": ")[:2] for line in invalid.out.splitlines() if "FILL_IN" in line] == [
        ["found.yaml:26:27", "error[not_an_email_address]"],
        ["found.yaml:27:17", "error[not_allowed]"],
    ]
    desk.write(BARE)

    ended = desk.run(
        "discover", "--out", "answered.yaml", "--sender-local-part", "{name}", "--email-type", "transactional"
    )

    assert "Wrote answered.yaml: 2 objects. Name it under `include:` in chanplan.yaml" in ended.said
    desk.write(BARE + "include: [answered.yaml]\n")
    assert desk.run("validate").code == 0
    again = desk.run("discover", "--out", "more.yaml")
    assert "0 objects can be imported" in again.out
    assert "Left out: 2 under imports." in again.out
    assert "more.yaml wasn't written: there is nothing to import." in again.err


def test_json_is_one_document(desk):
    """For programs, with each place and whose mark it is."""
    document = desk.run("discover", "--format", "json").document

    assert document["summary"] == {
        "importable": 2,
        "unclaimed": 0,
        "to_fill_in": 2,
        "not_importable": 1,
        "in_state": 0,
        "imported": 0,
    }
    assert document["importable"][0] == {
        "address": "ses_setup.acme",
        "id": "acme/mail.acme.example",
        "place": {"provider": "ses", "alias": "default", "account": "123456789012", "region": "us-east-1"},
        "mark": {"owner": "nobody", "workspace": None},
        "declared": {
            "tenant_name": "acme",
            "domain_identity": "mail.acme.example",
            "mail_from": "bounce",
            "reputation_policy": "none",
        },
        "fill_in": [],
        "notes": [],
    }
    assert [reason["code"] for reason in document["not_importable"][0]["reasons"]] == [
        "set_name_unfit",
        "set_without_tenant",
    ]


def test_yaml_goes_to_standard_output_too(desk):
    """Nothing else stands there."""
    ended = desk.run("discover", "--format", "yaml")

    assert ended.out.startswith("# Written by `chanplan discover`")
    assert ended.out.endswith("  - {to: use_case.acme_receipts, id: acme_receipts}\n")


def test_a_terminal_sees_how_many_calls_were_made(desk):
    """Nobody knows how many it will take."""
    assert "calls so far" in desk.run("discover", terminal=True).err


def test_kinds_and_aliases_narrow_it_down(desk):
    """An alias is meant by its name, or by that of its provider too."""
    assert "ses_setup.acme" in desk.run("discover", "--kind", "ses_setup", "--provider", "ses.default").out
    setups = desk.run("discover", "--kind", "ses_setup", "--format", "json").document
    assert [each["address"] for each in setups["importable"]] == ["ses_setup.acme"]
    assert setups["not_importable"] == []
    lines = desk.run("discover", "--kind", "twilio_setup", "--format", "json").document
    assert lines["summary"]["importable"] == 0


def test_lines_are_found_beside_mail(desk):
    """Twilio doesn't know what an Application is used for."""
    desk.write(BOTH)
    desk.controls.twilio.approve(PROFILE)
    application = desk.controls.twilio.add_application(
        "Acme/Support line", VoiceUrl="https://voice.example/x"
    )
    desk.controls.twilio.add_number("+14155550100", application=application)
    desk.controls.twilio.add_application("phone tree")

    text = desk.run("discover", "--format", "yaml", "--channel", "inbound_voice").out

    assert f"      sid: {PROFILE}\n" in text
    assert '    name: "Support line"\n' in text
    assert '    phone_numbers: ["+14155550100"]\n' in text
    assert "# +14155550100 is on no customer profile." in text
    assert f"id: {application}}}" in text
    unfit = desk.run("discover", "--provider", "twilio.default", "--format", "json").document[
        "not_importable"
    ]
    assert [reason["code"] for each in unfit for reason in each["reasons"]] == ["application_name_unfit"]


@pytest.mark.parametrize("lay", ["write_text", "symlink_to"])
def test_what_stands_there_isnt_overwritten(desk, lay):
    """Somebody may have filled it in, or laid a link there; nothing is asked of the services before."""
    path = desk.folder / "found.yaml"
    getattr(path, lay)("mine")
    desk.controls.clear_calls()

    ended = desk.run("discover", "--out", "found.yaml")

    assert ended.code == 1
    assert "Error: found.yaml exists already, and somebody may have worked on it." in ended.err
    assert "Give another name, or move it away." in ended.err
    assert desk.controls.calls() == []
    assert (path.readlink().name if path.is_symlink() else path.read_text()) == "mine"


def test_a_folder_that_isnt_there(desk):
    """What was found stands on the terminal all the same."""
    ended = desk.run("discover", "--out", "nowhere/found.yaml")

    assert ended.code == 1
    assert "ses_setup.acme" in ended.out
    assert "nowhere/found.yaml can't be written" in ended.err


def test_no_provider(desk):
    """There is nowhere to look."""
    desk.write("version: 1\nworkspace: acme-production\n")

    ended = desk.run("discover")

    assert ended.code == 1
    assert "No provider is configured, so there is nowhere to look." in ended.err
    assert "default: {region: us-east-1}" in ended.err


def test_an_alias_that_isnt_there(desk):
    """With the one that is meant."""
    ended = desk.run("discover", "--provider", "defualt")

    assert ended.code == 1
    assert "There is no alias defualt under providers.ses or providers.twilio." in ended.said
    assert "Did you mean default?" in ended.said


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("--kind", "ses-setup"), "'ses-setup' is not one of"),
        (("--email-type", "spam"), "'spam' is not one of"),
        (("--sender-local-part", "a b"), "'a b' can't stand before an @"),
        (("--sender-local-part", "{domain}"), "{entity} and {name} are the only names in braces"),
        (("--pool", "txn"), "one is acme-txn=transactional:standard,premium"),
        (("--pool", "txn=spam"), "the families are transactional and marketing"),
        (("--pool", "txn=marketing:gold"), "the tiers onboarding, standard, premium"),
    ],
)
def test_options_that_cant_be_meant(desk, arguments, said):
    """What may stand there is named."""
    ended = desk.run("discover", *arguments)

    assert ended.code == 1
    assert said in ended.said


def test_a_missing_right_is_named_and_the_rest_is_told(desk):
    """Exit 1, so that no script takes it for everything."""
    desk.write(BOTH)
    desk.controls.twilio.approve(PROFILE)
    desk.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "sesv2:ListTenants"))

    ended = desk.run("discover", "--out", "found.yaml")

    assert ended.code == 1
    assert f"/{PROFILE}" in ended.out
    assert (
        "SES setups and use cases in ses.default 123456789012 us-east-1: ListTenants (us-east-1) isn't allowed"
        in ended.said
    )
    assert "Allow ses:ListTenants in the IAM policy behind alias 'default'." in ended.said
    assert "Wrote found.yaml: 1 object." in ended.said


def test_a_place_that_cant_be_reached_hides_no_other(desk):
    """One alias leads where nobody listens."""
    desk.write(
        BARE.replace("{default: {region: us-east-1}}", "{default: {region: us-east-1}, eu: {region: eu-west-1, "
        'endpoint_url: "http://127.0.0.1:9"}}')
    )  # fmt: skip

    ended = desk.run("discover", "--format", "json")

    assert ended.code == 1
    assert ended.document["summary"]["importable"] == 2
    (unread,) = ended.document["not_read"]
    assert unread["kinds"] == ["sending_pool", "ses_setup", "use_case"]
    assert unread["place"]["alias"] == "eu"
    assert unread["code"] == "endpoint_unreachable"


def test_without_credentials(tmp_path):
    """Nothing is sent, and it is said how to give some."""
    desk = Desk(tmp_path)
    desk.write(BARE)

    ended = desk.run("discover")

    assert ended.code == 1
    assert "No complete AWS credentials were found for alias 'default'" in ended.said
    assert "chanplan --sandbox" in ended.said


def test_a_state_of_another_workspace(desk, make_client):
    """Nothing is compared with what others remember."""
    desk.write(BARE + "sending_pools: {txn: {pool_name: txn, family: marketing, tiers: [premium]}}\n")
    assert desk.apply().code == 0
    desk.write(BARE.replace("acme-production", "other"))

    ended = desk.run("discover")

    assert ended.code == 1
    assert "The state belongs to workspace acme-production" in ended.said


def test_what_this_workspace_lost_is_told_from_what_others_made(desk):
    """A state that was deleted; and what another workspace made isn't proposed."""
    declared = "sending_pools: {txn: {pool_name: txn, family: marketing, tiers: [premium]}}\n"
    desk.write(BARE + declared)
    assert desk.apply().code == 0
    in_state = desk.run("discover", "--kind", "sending_pool", "--format", "json").document
    assert in_state["summary"]["in_state"] == 1
    (desk.folder / "state/chanplan.db").unlink()
    desk.write(BARE)

    lost = desk.run("discover", "--kind", "sending_pool", "--format", "json").document
    desk.write(BARE.replace("acme-production", "other"))
    others = desk.run("discover", "--kind", "sending_pool", "--format", "json").document

    assert lost["importable"][0]["mark"] == {"owner": "orphan", "workspace": "acme-production"}
    assert others["importable"] == []
    assert others["not_importable"][0]["mark"] == {"owner": "other", "workspace": "acme-production"}
    assert others["not_importable"][0]["reasons"][0]["code"] == "other_workspace"
