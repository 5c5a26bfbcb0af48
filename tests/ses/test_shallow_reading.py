"""Reading many with lists and batches: calls grow with pages, not with objects."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chanplan.model.resources import Depth, Observed, identity_of
from chanplan.sandbox.dns.records import ZoneRecord
from tests.ses.ses_world import RECEIVING, SCOPE, ignored, new_identity, without


def test_verification_is_read_in_batches_of_new_domains_too(world):
    """What we know is asked for at once, what is declared and new when the list of identities knows it."""
    known, taken = world.create(world.setup()), world.create(world.setup("other"))
    absent = world.setup("absent")
    world.calls()

    wanted = [
        identity_of(known),
        new_identity(world.setup("other")),
        new_identity(absent),
    ]
    found = world.provider.read_all("ses_setup", SCOPE, wanted)

    assert world.calls() == {
        "sesv2:ListTenants": 1,
        "sesv2:ListReputationEntities": 1,
        "sesv2:ListEmailIdentities": 1,
        "ses:GetIdentityDkimAttributes": 2,
        "ses:GetIdentityMailFromDomainAttributes": 2,
    }
    assert {address: seen.facts["dkim_tokens"] for address, seen in found.items()} == {
        setup.address: setup.facts["dkim_tokens"] for setup in (known, taken)
    }


def test_a_listed_setup_tells_what_lists_tell(world, rule_set):
    """All attributes but tags, no marks; statuses in the newer API's spelling."""
    setup = world.create(world.setup(receiving=RECEIVING, reputation_policy="strict"))

    found = world.provider.read_all("ses_setup", SCOPE, [identity_of(setup)])

    observed = found[setup.address]
    assert observed == Observed(
        attributes={
            "tenant_name": "acme",
            "domain_identity": "mail.acme.example",
            "mail_from": "bounce",
            "reputation_policy": "strict",
            "receiving": RECEIVING,
        },
        facts={
            **without(
                setup.facts, "identity_arn", "dkim_zone", "verification_started_at", "receipt_rule_sets"
            ),
            "sending_status": "ENABLED",
            "reputation_impact": "NONE",
            "verification_status": "PENDING",
            "dkim_status": "PENDING",
            "mail_from_status": "PENDING",
            "receiving_rule_set_active": True,
        },
        read_at=observed.read_at,
        depth=Depth.LISTED,
    )


def test_a_status_of_two_words_is_spelled_alike_in_both_readings(world):
    """The older API says TemporaryFailure, the newer one TEMPORARY_FAILURE."""
    setup = world.create(world.setup())
    bounce = ZoneRecord("bounce.mail.acme.example", "MX", "10 feedback-smtp.us-east-1.amazonses.com")
    world.controls.publish([bounce])
    world.read(setup)
    world.controls.unpublish([bounce])

    listed = world.provider.read_all("ses_setup", SCOPE, [identity_of(setup)])[setup.address]

    direct = world.read(setup)
    assert listed.facts["mail_from_status"] == direct.facts["mail_from_status"] == "TEMPORARY_FAILURE"


def test_what_isnt_listed_whole_is_left_out(world, boto):
    """Absent from a list is unconfirmed; a direct read says what is left."""
    gone, half, whole = _many(world, 3)
    world.provider.delete(gone, ignored)
    boto("sesv2").delete_tenant(TenantName=half.attributes["tenant_name"])

    wanted = [identity_of(setup) for setup in (gone, half, whole)]
    found = world.provider.read_all("ses_setup", SCOPE, wanted)

    assert set(found) == {whole.address}


def test_a_lost_rule_entry_shows_in_the_list(world, rule_set, boto):
    """One look at a rule set serves all domains in it."""
    setup = world.create(world.setup(receiving=RECEIVING))
    boto("ses").delete_receipt_rule(RuleSetName="inbound", RuleName="chanplan-acme-production-001")

    found = world.provider.read_all("ses_setup", SCOPE, [identity_of(setup)])

    assert found[setup.address].incomplete == ("receipt rule entry",)


def test_configuration_sets_and_pools_are_one_list_each(world):
    """Names alone, with the names learned for the sets."""
    world.create(world.setup(), id="setup")
    use_case = world.create(world.use_case())
    pool = world.create(world.pool(), id="pool")
    new = world.use_case("news")
    world.calls()

    sets = world.provider.read_all("use_case", SCOPE, [identity_of(use_case), new_identity(new)])
    pools = world.provider.read_all("sending_pool", SCOPE, [identity_of(pool)])

    assert world.calls() == {"sesv2:ListConfigurationSets": 1, "sesv2:ListDedicatedIpPools": 1}
    assert {address: seen.facts for address, seen in sets.items()} == {
        use_case.address: {"configuration_set_name": "acme_receipts"}
    }
    assert set(pools) == {pool.address}


@pytest.mark.parametrize("kind", ["ses_setup", "use_case", "sending_pool"])
def test_nothing_wanted_costs_nothing(world, kind):
    """No resource, no call."""
    assert world.provider.read_all(kind, SCOPE, []) == {}
    assert world.calls() == {}


def _many(world, count):
    def create(number):
        return world.create(world.setup(f"tenant{number:03d}"), id=f"id-{number}")

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(create, range(count)))
