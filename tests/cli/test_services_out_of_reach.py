"""Services that can't be asked: said with what to do, what is unknown stays unknown, nothing is lost."""

import socket

import boto3
import pytest

from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.cli.desk import EMAIL, SETUP, Desk, SandboxedDesk


def problems(ended):
    """The codes of a JSON plan's errors."""
    return [entry["code"] for entry in ended.document["diagnostics"] if entry["severity"] == "error"]


def test_without_credentials(desk: Desk):
    """The plan says where the AWS SDK looks, and that there is a way without an account."""
    desk.write(EMAIL)

    planned, applied = desk.run("plan", "--format", "json"), desk.run("apply", "--auto-approve")

    assert (planned.code, problems(planned), planned.err) == (1, ["no_credentials"], "")
    assert (applied.code, applied.out.endswith("\nNothing was done.\n")) == (1, True)
    assert "AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in applied.said
    assert "chanplan --sandbox" in applied.said


def test_without_credentials_what_was_made_isnt_taken_for_gone(finished: SandboxedDesk):
    """The plan is no proposal to make everything again."""
    ended = finished.run("plan", "--format", "json", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")

    assert (ended.code, problems(ended), ended.document["summary"]["create"]) == (1, ["no_credentials"], 0)


@pytest.mark.parametrize("region", ["moon", "us east 1", "us-east-1a-b"])
def test_a_region_that_is_none(desk: Desk, region):
    """It is seen offline, with its place."""
    desk.write(EMAIL.replace("us-east-1", f'"{region}"'))

    ended = desk.run("plan")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("chanplan.yaml:7:23: error[pattern_mismatch]: providers.ses.default.region ")
    assert "An AWS region, for example us-east-1." in ended.err


@pytest.mark.parametrize("region", ["eu-west-1", "us-nowhere-9"])
def test_a_region_where_the_objects_arent(finished: SandboxedDesk, region):
    """Nothing is made there again: refused, with the way back and the way on. Nobody is taken for gone."""
    finished.write(EMAIL.replace("us-east-1", region))
    before = finished.controls.status().holdings

    planned, applied = finished.run("plan", "--format", "json"), finished.apply()

    assert (planned.code, problems(planned)) == (1, ["unknown_alias"])
    assert {refusal["code"] for refusal in planned.document["refusals"]} == {"provider_moved"}
    assert (applied.code, applied.out, finished.controls.status().holdings) == (4, "", before)
    assert (
        "was made in account 123456789012, region us-east-1; its provider `default` now means" in applied.said
    )
    assert "What to do: Point the provider back, or add a second resource in the new place" in applied.said


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}", "localhost:1"])
def test_an_endpoint_that_is_down_or_no_address(finished: SandboxedDesk, address):
    """The plan names it and claims nothing about what lives there."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = address.format(port=unused.getsockname()[1])
        variables = dict.fromkeys(
            ("AWS_ENDPOINT_URL_SESV2", "AWS_ENDPOINT_URL_SES", "AWS_ENDPOINT_URL_STS"), endpoint
        )

        ended = finished.run("plan", "--format", "json", **variables)

    (code,) = problems(ended)
    assert (ended.code, code) == (1, "endpoint_unreachable" if "127" in address else "wrong_endpoint")
    assert ended.document["summary"] | {"no_op": 0} == dict.fromkeys(ended.document["summary"], 0)
    assert "AWS_ENDPOINT_URL" in ended.out


def test_rights_that_are_missing(finished: SandboxedDesk):
    """The IAM action is named."""
    finished.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, match="sesv2:*"))

    ended = finished.run("plan")

    assert ended.code == 1
    assert "(access_denied)" in ended.said
    assert "in the IAM policy behind alias 'default'." in ended.said


@pytest.mark.parametrize(
    "fault, said",
    [(FaultKind.SERVFAIL, "answered SERVFAIL"), (FaultKind.TIMEOUT, "didn't answer in time")],
)
def test_dns_that_doesnt_answer(begun: SandboxedDesk, fault, said):
    """Every record is unknown, not missing; the use cases wait on."""
    begun.publish()
    begun.controls.add_fault(Fault(fault))

    ended = begun.apply()

    assert (ended.code, ended.out.count(" (unknown)\n"), ended.out.count("(missing)")) == (3, 7, 0)
    assert said in ended.said
    assert "So nothing can be said about this record; check again later." in ended.said
    assert "Apply: 2 waiting." in ended.out


def test_dns_that_doesnt_answer_any_more_takes_nothing_back(finished: SandboxedDesk):
    """What was verified stays so, with a word that nobody could confirm it now."""
    finished.controls.add_fault(Fault(FaultKind.SERVFAIL))

    checked, planned = finished.run("dns", "check"), finished.run("plan", "--detailed-exitcode")

    assert (checked.out.count("\n  ok  "), "7 of 7 records are in place." in checked.out) == (7, True)
    assert planned.code == 0


def test_a_name_server_that_is_no_address(begun: SandboxedDesk):
    """The variable is a user's input like any other."""
    ended = begun.run("dns", "check", CHANPLAN_DNS_NAMESERVERS="not a server")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("Error: 'not a server' is no DNS server: ")


@pytest.mark.parametrize("kind", ["tenant", "identity"])
def test_what_exists_and_isnt_ours(sandboxed: SandboxedDesk, kind):
    """It is refused before the first change, with the way out, and left alone."""
    with_boto3(sandboxed, kind)
    before = sandboxed.controls.status().holdings

    ended = sandboxed.apply()

    assert (ended.code, ended.out, sandboxed.controls.status().holdings) == (4, "", before)
    assert f"! {SETUP} (foreign_object)" in ended.said
    assert "it is left alone. What to do: Choose another name, or bring it under control:" in ended.said
    assert 'imports: [{to: ses_setup.acme-mail, id: "acme/mail.acme.example"}]' in ended.said


def with_boto3(desk, kind):
    """Makes a tenant or an identity, as somebody else would."""
    client = boto3.client(
        "sesv2",
        region_name="us-east-1",
        endpoint_url=desk.environment["AWS_ENDPOINT_URL_SESV2"],
        aws_access_key_id=desk.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=desk.environment["AWS_SECRET_ACCESS_KEY"],
    )
    if kind == "tenant":
        client.create_tenant(TenantName="acme")
    else:
        client.create_email_identity(EmailIdentity="mail.acme.example")
    client.close()
