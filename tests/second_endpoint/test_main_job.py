"""The main job on an SES that isn't our sandbox, reached by the AWS SDK's variables alone."""

import pytest

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.dns.records import ZoneRecord
from chanplan.sandbox.server import Sandbox
from tests.cli.desk import EMAIL, SETUP, Desk
from tests.second_endpoint.completed import completed
from tests.second_endpoint.emulator import EMPTY, holdings, ministack, somebody, variables

BEGUN = {
    **EMPTY,
    "tenants": ["acme"],
    "identities": ["mail.acme.example"],
    "pools": ["acme-marketing", "acme-transactional"],
}
FINISHED = {**BEGUN, "configuration sets": ["acme_alerts", "acme_receipts"]}


@pytest.fixture
def emulator(tmp_path):
    """The address of an emulator that holds nothing."""
    folder = tmp_path / "emulator"
    folder.mkdir()
    with ministack(folder) as address:
        yield address


@pytest.fixture
def desk(tmp_path, emulator):
    """The email workspace before the emulator, and a name server that knows nothing yet."""
    (tmp_path / "desk").mkdir()
    with Sandbox(tmp_path / "names") as names, Controls(tmp_path / "names") as controls:
        desk = Desk(tmp_path / "desk", {**variables(emulator), "CHANPLAN_DNS_NAMESERVERS": names.nameserver})
        desk.write(EMAIL)
        desk.controls = controls
        yield desk


def publish(desk):
    """Publishes what `dns records` lists."""
    records = desk.run("dns", "records", "--format", "json").document
    desk.controls.publish([ZoneRecord(record["name"], record["type"], record["value"]) for record in records])


@pytest.mark.parametrize("tagging", [True, False], ids=["with tags", "without tags"])
def test_from_yaml_to_sending_and_away_again(desk: Desk, emulator, tagging):
    """Plan, apply, publish, apply, nothing to do, a refused and an agreed replacement, destroy.

    Where no tags are kept, what the state remembers is taken for ours.
    """
    with completed(emulator, tagging=tagging) as (address, service):
        desk.environment |= variables(address)
        codes = [desk.run("plan", "--detailed-exitcode").code, desk.run("apply", "--auto-approve").code]
        begun = holdings(emulator)
        publish(desk)
        service.verified = True
        codes += [desk.run("apply", "--auto-approve").code, desk.run("plan", "--detailed-exitcode").code]
        finished = holdings(emulator)
        desk.write(EMAIL.replace("email_type: transactional", "email_type: marketing", 1))
        codes += [desk.run("apply", "--auto-approve").code]
        codes += [desk.run("apply", "--auto-approve", "--allow-replace", "use_case.receipts").code]
        codes += [desk.run("plan", "--refresh", "deep", "--detailed-exitcode").code]
        replaced = holdings(emulator)
        codes += [desk.run("destroy", "--auto-approve", "--allow-delete", "all").code]

    assert codes == [2, 3, 0, 0, 4, 0, 0, 0]
    assert [begun, finished, replaced, holdings(emulator)] == [BEGUN, FINISHED, FINISHED, EMPTY]


def test_what_it_lacks_and_isnt_needed_is_a_warning(desk: Desk):
    """Reputation policies are unknown there: said on standard error, and listed as not compared."""
    planned = desk.run("plan", "--format", "json")
    applied = desk.run("apply", "--auto-approve")

    assert (planned.code, "Warning: http://127.0.0.1:" in planned.err) == (0, True)
    assert "doesn't offer ListReputationEntities." in planned.err
    assert "doesn't offer UpdateReputationEntityPolicy. So no reputation policy is set there." in applied.err


def test_what_it_lacks_and_is_needed_is_an_error(desk: Desk, emulator):
    """Without a MAIL FROM domain no setup is whole: the operation is named, nothing is lost, and it goes away again."""
    first, second = desk.run("apply", "--auto-approve"), desk.run("apply", "--auto-approve")
    made = holdings(emulator)
    destroyed = desk.run("destroy", "--auto-approve", "--allow-delete", "all")

    assert [first.code, second.code, made, destroyed.code, holdings(emulator)] == [1, 1, BEGUN, 0, EMPTY]
    assert f"! {SETUP} (unsupported_operation) [chanplan.yaml:24] {'http://127.0.0.1:'}" in first.said
    assert "doesn't offer PutEmailIdentityMailFromAttributes." in first.said
    assert "It may be an emulator that knows only a part of SES" in first.said


def test_without_tags_what_somebody_made_again_is_left_alone(desk: Desk, emulator):
    """A tenant of the same name has another id: it isn't the one that the state remembers."""
    with completed(emulator, tagging=False) as (address, _), somebody(emulator) as client:
        desk.environment |= variables(address)
        codes = [desk.run("apply", "--auto-approve").code]
        client.delete_tenant(TenantName="acme")
        client.create_tenant(TenantName="acme")
        ended = desk.run("destroy", "--auto-approve", "--allow-delete", "all")

    assert [*codes, ended.code, holdings(emulator)["tenants"]] == [3, 1, ["acme"]]
    assert f"! {SETUP} (foreign_object)" in ended.said


def test_without_tags_what_was_there_before_is_left_alone(desk: Desk, emulator):
    """Nothing says that it is ours, so it isn't."""
    with completed(emulator, tagging=False) as (address, _), somebody(emulator) as client:
        desk.environment |= variables(address)
        client.create_tenant(TenantName="acme")
        ended = desk.run("apply", "--auto-approve")

    assert (ended.code, holdings(emulator)) == (4, {**EMPTY, "tenants": ["acme"]})
    assert f"! {SETUP} (foreign_object)" in ended.said
