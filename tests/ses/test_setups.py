"""A setup's life: made, read, changed, taken down."""

import pytest

from chanplan.model.errors import Foreign, Gone, Rejected, Transient
from chanplan.model.resources import Depth, Marks, Observed
from chanplan.sandbox.dns.records import ZoneRecord
from tests.ses.ses_world import ignored, incomplete, without


def test_a_create_makes_every_part_and_tells_the_stable_facts(world):
    """A setup is a tenant, a policy, an identity, a MAIL FROM domain and the association of the two."""
    steps = []

    setup = world.create(world.setup(), checkpoint=lambda what, facts: steps.append((what, tuple(facts))))

    assert world.calls() == {
        "sesv2:CreateTenant": 1,
        "sesv2:UpdateReputationEntityPolicy": 1,
        "sesv2:CreateEmailIdentity": 1,
        "sesv2:PutEmailIdentityMailFromAttributes": 1,
        "sesv2:CreateTenantResourceAssociation": 1,
    }
    assert steps == [
        ("tenant", ("tenant_id", "tenant_arn")),
        ("reputation policy", ()),
        ("identity", ("identity_arn", "verification_started_at", "dkim_tokens", "dkim_zone")),
        ("MAIL FROM domain", ()),
        ("association", ()),
    ]
    assert setup.facts["identity_arn"] == "arn:aws:ses:us-east-1:123456789012:identity/mail.acme.example"
    assert len(setup.facts["dkim_tokens"]) == 3


def test_the_tenant_keeps_its_own_suppression_list(world, boto):
    """One customer's bounces don't stop another's mail."""
    world.create(world.setup())

    tenant = boto("sesv2").get_tenant(TenantName="acme")["Tenant"]

    assert tenant["SuppressionAttributes"] == {
        "SuppressionScope": "TENANT",
        "SuppressedReasons": ["BOUNCE", "COMPLAINT"],
    }


def test_a_read_tells_everything_of_what_was_made(world):
    """What was declared comes back as it was declared, with marks and statuses."""
    setup = world.create(world.setup())

    observed = world.read(setup)

    assert observed == Observed(
        attributes={
            "tenant_name": "acme",
            "domain_identity": "mail.acme.example",
            "mail_from": "bounce",
            "reputation_policy": "standard",
            "receiving": None,
            "tags": {"team": "growth"},
        },
        facts={
            **without(setup.facts, "verification_started_at"),
            "sending_status": "ENABLED",
            "reputation_impact": "NONE",
            "sending_status_by_us": "ENABLED",
            "dkim_status": "PENDING",
            "mail_from_status": "PENDING",
            "verification_status": "PENDING",
            "verification_error": "HOST_NOT_FOUND",
        },
        read_at=observed.read_at,
        depth=Depth.DIRECT,
        marks=Marks("id-1", "acme-production"),
        carried=(Marks("id-1", "acme-production"),) * 2,
    )


def test_nothing_there_reads_as_none(world):
    """Neither tenant nor identity: nothing exists."""
    assert world.read(world.setup()) is None


def test_a_domain_in_capitals_is_the_same_domain(world):
    """SES folds domains to lower case; the declared spelling isn't drift."""
    setup = world.create(world.setup(domain_identity="Mail.Acme.Example"))

    observed = world.read(setup)

    assert observed.attributes["domain_identity"] == "Mail.Acme.Example"
    assert observed.attributes["mail_from"] == "bounce"
    assert observed.incomplete == ()


def test_what_was_made_a_moment_ago_may_not_be_there_yet(world, boto):
    """AWS promises nothing about reading one's own writes: the next step waits for it, as long as attempts last."""

    def vanish(what, facts):
        if what == "tenant":
            boto("sesv2").delete_tenant(TenantName="acme")

    with pytest.raises(Transient):
        world.create(world.setup(), checkpoint=vanish)

    assert world.calls()["sesv2:UpdateReputationEntityPolicy"] == 6


def test_published_records_show_in_the_statuses(world):
    """SES's own verdicts on DKIM and MAIL FROM are facts."""
    setup = world.create(world.setup())
    zone = setup.facts["dkim_zone"]
    published = [
        ZoneRecord(f"{token}._domainkey.mail.acme.example", "CNAME", f"{token}.{zone}")
        for token in setup.facts["dkim_tokens"]
    ]
    bounce = ZoneRecord("bounce.mail.acme.example", "MX", "10 feedback-smtp.us-east-1.amazonses.com")
    world.controls.publish([*published, bounce])

    facts = world.read(setup).facts

    assert (facts["dkim_status"], facts["mail_from_status"], facts["verification_status"]) == (
        "SUCCESS",
        "SUCCESS",
        "SUCCESS",
    )


@pytest.mark.parametrize(
    "attribute, value, call",
    [
        ("mail_from", "returns", "sesv2:PutEmailIdentityMailFromAttributes"),
        ("reputation_policy", "strict", "sesv2:UpdateReputationEntityPolicy"),
    ],
)
def test_an_update_changes_what_is_named_and_nothing_else(world, attribute, value, call):
    """Each attribute has one call; looking takes four."""
    setup = world.create(world.setup())
    world.calls()

    setup = world.update(setup, (attribute,), **{attribute: value})

    assert world.calls() == {
        "sesv2:GetTenant": 1,
        "sesv2:GetEmailIdentity": 1,
        "sesv2:GetReputationEntity": 1,
        "sesv2:ListResourceTenants": 1,
        call: 1,
    }
    assert world.read(setup).attributes[attribute] == value


def test_an_update_leaves_alone_what_drifted_and_isnt_named(world):
    """Only what was reviewed is done."""
    setup = world.create(world.setup())
    world.update(setup, ("reputation_policy",), reputation_policy="strict")

    world.update(setup, ("mail_from",), mail_from="returns")

    assert world.read(setup).attributes["reputation_policy"] == "strict"


def test_a_new_label_of_bounces_starts_the_search_again(world, clock):
    """The deadline of 72 hours counts from the last change."""
    setup = world.create(world.setup())
    clock.advance(3600)

    setup = world.update(setup, ("mail_from",), mail_from="returns")

    assert setup.facts["verification_started_at"] == clock.now().isoformat()


def test_tags_change_on_both_objects_and_only_recorded_keys_go(world, boto):
    """A tag that somebody else put on our objects stays."""
    setup = world.create(world.setup(tags={"team": "growth", "stage": "test"}))
    boto("sesv2").tag_resource(
        ResourceArn=setup.facts["identity_arn"], Tags=[{"Key": "costs", "Value": "4711"}]
    )

    setup = world.update(setup, ("tags",), tags={"team": "mail"})

    assert world.read(setup).attributes["tags"] == {"team": "mail"}
    ours = {"chanplan:id": "id-1", "chanplan:workspace": "acme-production", "team": "mail"}
    assert _tags(boto, setup.facts["tenant_arn"]) == ours
    assert _tags(boto, setup.facts["identity_arn"]) == {**ours, "costs": "4711"}


def test_a_tag_lost_on_one_object_shows(world, boto):
    """Both objects must carry the tags."""
    setup = world.create(world.setup())

    boto("sesv2").untag_resource(ResourceArn=setup.facts["tenant_arn"], TagKeys=["team"])

    assert world.read(setup).attributes["tags"] == {}


def test_rearming_starts_the_search_again_where_it_ended(world, clock):
    """After 72 hours SES stops looking; asking again makes it look again."""
    setup = world.create(world.setup())
    world.controls.advance(73 * 3600)
    expired = world.read(setup).facts
    clock.advance(73 * 3600)

    setup = world.update(setup, ("verification",))

    again = world.read(setup).facts
    assert (expired["dkim_status"], expired["mail_from_status"]) == ("FAILED", "FAILED")
    assert (again["dkim_status"], again["mail_from_status"]) == ("PENDING", "PENDING")
    assert setup.facts["verification_started_at"] == clock.now().isoformat()


def test_a_lost_association_is_incomplete_and_mended(world, boto):
    """A part that should be there and isn't shows, and any update makes it."""
    setup = world.create(world.setup())
    boto("sesv2").delete_tenant_resource_association(
        TenantName="acme", ResourceArn=setup.facts["identity_arn"]
    )
    before = world.read(setup).incomplete

    world.update(setup, ())

    assert (before, world.read(setup).incomplete) == (("association",), ())


def test_a_lost_identity_is_made_again_with_new_facts(world, boto):
    """A setup of which the tenant is left is mended, and its new DKIM tokens are told."""
    setup = world.create(world.setup())
    boto("sesv2").delete_tenant_resource_association(
        TenantName="acme", ResourceArn=setup.facts["identity_arn"]
    )
    boto("sesv2").delete_email_identity(EmailIdentity="mail.acme.example")
    before = world.read(setup)

    mended = world.update(setup, ())

    after = world.read(mended)
    assert (before.incomplete, before.marks) == (("identity",), Marks("id-1", "acme-production"))
    assert after.incomplete == ()
    assert after.attributes["mail_from"] == "bounce"
    assert mended.facts["dkim_tokens"] == after.facts["dkim_tokens"] != setup.facts["dkim_tokens"]


def test_a_lost_tenant_is_made_again_with_its_policy(world, boto):
    """A new tenant has a new ARN, and gets the declared policy."""
    setup = world.create(world.setup(reputation_policy="strict"))
    boto("sesv2").delete_tenant(TenantName="acme")
    before = world.read(setup)

    mended = world.update(setup, ())

    after = world.read(mended)
    assert before.incomplete == ("tenant",)
    assert (after.incomplete, after.attributes["reputation_policy"]) == ((), "strict")
    assert mended.facts["tenant_arn"] == after.facts["tenant_arn"] != setup.facts["tenant_arn"]


def test_an_update_of_what_is_gone_says_so(world):
    """Nothing is left to update."""
    setup = world.create(world.setup())
    world.provider.delete(setup, ignored)

    with pytest.raises(Gone):
        world.update(setup, ("mail_from",), mail_from="returns")


def test_a_delete_goes_from_the_outside_in(world):
    """Association, identity, tenant: the only order that SES allows, with a checkpoint after each."""
    setup = world.create(world.setup())
    world.calls()
    steps = []

    world.provider.delete(setup, lambda what, _: steps.append(what))

    assert world.calls() == {
        "sesv2:GetTenant": 1,
        "sesv2:GetEmailIdentity": 1,
        "sesv2:ListTenantResources": 1,
        "sesv2:ListResourceTenants": 1,
        "sesv2:DeleteTenantResourceAssociation": 1,
        "sesv2:DeleteEmailIdentity": 1,
        "sesv2:DeleteTenant": 1,
    }
    assert steps == ["association", "identity", "tenant"]
    assert world.holdings() == {}


def test_a_second_delete_is_a_success(world):
    """Gone is what was asked for."""
    setup = world.create(world.setup())
    world.provider.delete(setup, ignored)

    world.provider.delete(setup, ignored)

    assert world.holdings() == {}


def test_a_setup_with_configuration_sets_stays(world):
    """A tenant takes its associations with it, so it goes only when no use case is left."""
    setup = world.create(world.setup())
    world.create(world.use_case(), id="id-2")
    before = world.holdings()

    with pytest.raises(Rejected) as refusal:
        world.provider.delete(setup, ignored)

    assert (refusal.value.code, refusal.value.message) == (
        "setup_in_use",
        "Tenant acme still has configuration sets: acme_receipts.",
    )
    assert world.holdings() == before


def test_a_domain_that_another_tenant_has_too_stays(world, boto):
    """Somebody else sends through it: say who, touch nothing."""
    setup = world.create(world.setup())
    boto("sesv2").create_tenant(TenantName="theirs")
    boto("sesv2").create_tenant_resource_association(
        TenantName="theirs", ResourceArn=setup.facts["identity_arn"]
    )
    before = world.holdings()

    with pytest.raises(Rejected) as refusal:
        world.provider.delete(setup, ignored)

    assert (refusal.value.code, refusal.value.message) == (
        "identity_in_use",
        "Domain identity mail.acme.example also belongs to tenants that aren't this setup's: theirs.",
    )
    assert world.holdings() == before


def test_an_incomplete_setup_goes_without_what_was_never_ours(world, boto):
    """A create that met somebody else's domain leaves a tenant, which can be taken down again."""
    boto("sesv2").create_tenant(TenantName="acme", Tags=[{"Key": "chanplan:id", "Value": "id-1"}])
    boto("sesv2").create_email_identity(EmailIdentity="mail.acme.example")
    begun = incomplete(world.create(world.setup("other"), id="id-9"), id="id-1")
    begun = incomplete(begun, attributes=world.setup().attributes, address=world.setup().address, facts={})

    world.provider.delete(begun, ignored)

    assert world.holdings()["ses.tenant"] == ("other",)
    assert world.holdings()["ses.identity"] == ("mail.acme.example", "mail.other.example")


def _tags(boto, arn):
    return {tag["Key"]: tag["Value"] for tag in boto("sesv2").list_tags_for_resource(ResourceArn=arn)["Tags"]}


def test_a_stop_of_the_tenant_is_one_call_and_touches_nothing_else(world, boto):
    """In an incident nothing is mended first, and the policy stays as it was."""
    setup = world.create(world.setup())
    boto("sesv2").delete_tenant_resource_association(
        TenantName="acme", ResourceArn=setup.facts["identity_arn"]
    )
    counted = world.calls()

    world.update(setup, ("sending",), sending="DISABLED")

    written = {name: count - counted.get(name, 0) for name, count in world.calls().items()}
    assert {name: count for name, count in written.items() if count} == {
        "sesv2:GetTenant": 1,
        "sesv2:UpdateReputationEntityCustomerManagedStatus": 1,
    }
    observed = world.read(setup)
    assert (observed.facts["sending_status"], observed.facts["sending_status_by_us"]) == (
        "DISABLED",
        "DISABLED",
    )
    assert observed.attributes["reputation_policy"] == "standard"
    assert observed.incomplete == ("association",)


def test_a_start_gives_back_what_a_stop_took(world):
    """ENABLED, and not REINSTATED, which would lift findings of AWS."""
    setup = world.create(world.setup())
    world.update(setup, ("sending",), sending="DISABLED")

    world.update(setup, ("sending",), sending="ENABLED")

    facts = world.read(setup).facts
    assert (facts["sending_status"], facts["sending_status_by_us"]) == ("ENABLED", "ENABLED")


def test_a_tenant_of_somebody_else_isnt_stopped(world, boto):
    """Its mark says whose it is."""
    setup = world.create(world.setup())
    boto("sesv2").tag_resource(
        ResourceArn=setup.facts["tenant_arn"], Tags=[{"Key": "chanplan:id", "Value": "another"}]
    )

    with pytest.raises(Foreign):
        world.update(setup, ("sending",), sending="DISABLED")

    assert world.read(setup).facts["sending_status"] == "ENABLED"
