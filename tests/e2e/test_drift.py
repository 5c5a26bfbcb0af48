"""What somebody changes behind chanplan's back is shown apart, and put back by an apply."""

import pytest

from tests.e2e.scene import SETUP, remembered

MAIL_DOMAIN = "mail.acme.example"
RECEIPTS = "use_case.receipts"


def changes(plan):
    """What a plan does, why, and to which attributes; a create makes them all."""
    return {
        change["address"]: (
            change["change"]["actions"],
            change["action_reason"],
            None if change["change"]["before"] is None else change["changed"],
        )
        for change in plan["resource_changes"]
        if change["change"]["actions"] != ["no-op"]
    }


def drifted(plan):
    """What drifted, by address."""
    return {entry["address"]: entry["change"]["actions"] for entry in plan["resource_drift"]}


def mail_from(scene):
    """Somebody sets another MAIL FROM domain."""
    scene.client().put_email_identity_mail_from_attributes(
        EmailIdentity=MAIL_DOMAIN,
        MailFromDomain=f"other.{MAIL_DOMAIN}",
        BehaviorOnMxFailure="USE_DEFAULT_VALUE",
    )


def reputation_policy(scene):
    """Somebody takes the reputation policy away."""
    sesv2 = scene.client()
    sesv2.update_reputation_entity_policy(
        ReputationEntityType="RESOURCE",
        ReputationEntityReference=sesv2.get_tenant(TenantName="acme")["Tenant"]["TenantArn"],
        ReputationEntityPolicy="arn:aws:ses:us-east-1:aws:reputation-policy/none",
    )


def pool(scene):
    """Somebody sends the receipts through another pool."""
    scene.client().put_configuration_set_delivery_options(
        ConfigurationSetName="acme_receipts", SendingPoolName="acme-marketing", TlsPolicy="REQUIRE"
    )


def association(scene):
    """Somebody takes the receipts out of the tenant."""
    scene.client().delete_tenant_resource_association(
        TenantName="acme", ResourceArn="arn:aws:ses:us-east-1:123456789012:configuration-set/acme_receipts"
    )


def configuration_set(scene):
    """Somebody deletes the receipts."""
    association(scene)
    scene.client().delete_configuration_set(ConfigurationSetName="acme_receipts")


def tags(scene):
    """Somebody changes one of our tags and adds one of their own."""
    scene.client().tag_resource(
        ResourceArn="arn:aws:ses:us-east-1:123456789012:configuration-set/acme_receipts",
        Tags=[{"Key": "team", "Value": "somebody"}, {"Key": "theirs", "Value": "stays"}],
    )


@pytest.mark.parametrize(
    "change, mode, drift, planned",
    [
        (
            mail_from,
            "shallow",
            {SETUP: ["update"]},
            {SETUP: (["update"], "drifted", ["mail_from"])},
        ),
        (
            reputation_policy,
            "shallow",
            {SETUP: ["update"]},
            {SETUP: (["update"], "drifted", ["reputation_policy"])},
        ),
        (pool, "deep", {RECEIPTS: ["update"]}, {RECEIPTS: (["update"], "drifted", ["sending_pool"])}),
        (tags, "deep", {RECEIPTS: ["update"]}, {RECEIPTS: (["update"], "drifted", ["tags"])}),
        (association, "deep", {RECEIPTS: ["update"]}, {RECEIPTS: (["update"], "mended", [])}),
        (
            configuration_set,
            "shallow",
            {RECEIPTS: ["delete"]},
            {RECEIPTS: (["create"], "gone", None)},
        ),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_drift_is_put_back(ready, change, mode, drift, planned):
    """A plan tells what drifted and what an apply does about it; after that, all is as it was."""
    before = remembered(ready.state())
    change(ready)

    plan = ready.plan("--refresh", mode)
    ready.expect(0, "apply", "--auto-approve", "--refresh", mode)

    assert drifted(plan) == drift
    assert changes(plan) == planned
    ready.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")
    assert remembered(ready.state()) == before


def test_what_is_declared_as_somebody_made_it_is_remembered_so(ready):
    """Nothing is left to do at the service, and the state knows it after the next apply."""
    mail_from(ready)
    ready.edit(
        ("domain_identity: mail.acme.example", "domain_identity: mail.acme.example\n    mail_from: other")
    )

    before = ready.plan()
    ready.expect(0, "apply", "--auto-approve")
    after = ready.plan()

    assert (changes(before), drifted(before)) == ({}, {SETUP: ["update"]})
    assert (changes(after), drifted(after)) == ({}, {})
    (setup,) = (each for address, each in ready.state().resources.items() if str(address) == SETUP)
    assert setup.attributes["mail_from"] == "other"


def test_tags_of_others_stay(ready):
    """Only the keys that are ours are put back."""
    tags(ready)

    ready.expect(0, "apply", "--auto-approve", "--refresh", "deep")

    live = ready.client().get_configuration_set(ConfigurationSetName="acme_receipts")["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in live if not tag["Key"].startswith("chanplan:")} == {
        "team": "growth",
        "theirs": "stays",
    }


def test_refresh_only_shows_drift_alone(ready):
    """`--refresh-only` plans nothing, and its exit code still tells that something drifted."""
    mail_from(ready)

    plan = ready.plan("--refresh-only")

    assert (drifted(plan), plan["resource_changes"]) == ({SETUP: ["update"]}, [])
    ready.expect(2, "plan", "--refresh-only", "--detailed-exitcode")


def test_shallow_refresh_says_what_it_does_not_compare(ready):
    """A pool that was exchanged isn't seen by the shallow refresh, which says so."""
    pool(ready)

    plan = ready.plan()

    unchecked = {entry["address"]: entry["attributes"] for entry in plan["unchecked"]}
    assert (changes(plan), "sending_pool" in unchecked[RECEIPTS]) == ({}, True)


def test_plan_writes_nothing(ready):
    """A plan that finds drift leaves the state as it is, down to its counters."""
    configuration_set(ready)
    before = ready.state()

    ready.plan("--refresh", "deep")

    assert ready.state() == before
