"""What AWS finds about tenants, and what it does about it: recommendations, impact, pauses."""

import pytest

from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.mail_controls import Place

ACME = Place("123456789012", "us-east-1", "acme")


@pytest.fixture
def tenant(sesv2):
    """A tenant that nobody touched."""
    return sesv2.create_tenant(TenantName="acme")["TenantArn"]


@pytest.fixture
def listed(sesv2):
    """Lists findings by filters, each as type, impact and status."""

    def found(**filters):
        given = {"Filter": filters} if filters else {}
        return [
            (each["Type"], each["Impact"], each["Status"])
            for each in sesv2.list_recommendations(**given)["Recommendations"]
        ]

    return found


@pytest.fixture
def reputation(sesv2, tenant):
    """Reads the tenant's impact, AWS's status and the sum of the statuses."""

    def read():
        found = sesv2.get_reputation_entity(ReputationEntityType="RESOURCE", ReputationEntityReference=tenant)
        entity = found["ReputationEntity"]
        return (
            entity["ReputationImpact"],
            entity["AwsSesManagedStatus"]["Status"],
            entity["SendingStatusAggregate"],
        )

    return read


def test_findings_are_listed_open_and_fixed(tenant, controls, listed):
    """By type, impact and status; a closed one stays listed as FIXED."""
    controls.mail.open_finding(ACME, "BOUNCE", "HIGH")
    controls.mail.open_finding(ACME, "COMPLAINT", "LOW")

    assert listed() == [("BOUNCE", "HIGH", "OPEN"), ("COMPLAINT", "LOW", "OPEN")]
    assert controls.mail.close_findings(ACME, "BOUNCE") == 1
    assert listed(STATUS="OPEN") == [("COMPLAINT", "LOW", "OPEN")]
    assert listed(TYPE="BOUNCE") == [("BOUNCE", "HIGH", "FIXED")]
    assert listed(IMPACT="LOW", STATUS="FIXED") == []


def test_findings_are_those_of_a_resource(tenant, sesv2, controls, listed):
    """The filter takes the tenant's ARN, id and all."""
    other = sesv2.create_tenant(TenantName="other")["TenantArn"]
    controls.mail.open_finding(ACME, "BOUNCE", "HIGH")

    assert (len(listed(RESOURCE_ARN=tenant)), len(listed(RESOURCE_ARN=other))) == (1, 0)


def test_a_finding_that_comes_back_keeps_its_first_time(tenant, sesv2, controls):
    """It is the same one, opened again."""
    controls.mail.open_finding(ACME, "BOUNCE", "LOW")
    controls.advance(3600)
    controls.mail.close_findings(ACME)
    controls.advance(3600)
    controls.mail.open_finding(ACME, "BOUNCE", "HIGH", "Bounces: 15 % of 664.")

    (found,) = sesv2.list_recommendations()["Recommendations"]

    assert (found["Impact"], found["Status"], found["Description"]) == (
        "HIGH",
        "OPEN",
        "Bounces: 15 % of 664.",
    )
    assert round((found["LastUpdatedTimestamp"] - found["CreatedTimestamp"]).total_seconds()) == 7200


def test_findings_come_in_pages(sesv2, controls):
    """A token goes on where the page ended; sizes have bounds."""
    for number in range(5):
        sesv2.create_tenant(TenantName=f"t{number}")
        controls.mail.open_finding(Place(ACME.account, ACME.region, f"t{number}"), "BOUNCE", "LOW")

    first = sesv2.list_recommendations(PageSize=3)
    rest = sesv2.list_recommendations(PageSize=3, NextToken=first["NextToken"])

    assert (len(first["Recommendations"]), len(rest["Recommendations"]), "NextToken" in rest) == (3, 2, False)


def test_page_sizes_have_bounds(sesv2, refused):
    """As all lists of SES."""
    assert refused(sesv2.list_recommendations, PageSize=101)[0] == "BadRequestException"


def test_impact_is_the_highest_of_the_open_findings(tenant, controls, reputation):
    """It sinks as findings close, and nobody is paused by it."""
    controls.mail.open_finding(ACME, "COMPLAINT", "LOW")
    controls.mail.open_finding(ACME, "BOUNCE", "HIGH")
    assert reputation() == ("HIGH", "ENABLED", "ENABLED")

    controls.mail.close_findings(ACME, "BOUNCE")
    assert reputation() == ("LOW", "ENABLED", "ENABLED")

    controls.mail.close_findings(ACME)
    assert reputation() == ("NONE", "ENABLED", "ENABLED")


def test_impact_can_be_set_by_itself(tenant, sesv2, controls, reputation):
    """For what findings don't explain; the list filters by it."""
    controls.mail.set_impact(ACME, "HIGH")

    assert reputation() == ("HIGH", "ENABLED", "ENABLED")
    found = sesv2.list_reputation_entities(Filter={"REPUTATION_IMPACT": "HIGH"})["ReputationEntities"]
    assert [each["ReputationEntityReference"] for each in found] == [tenant]


def test_a_pause_disables_until_it_ends(tenant, sesv2, controls, reputation):
    """The tenant can't send; with findings open it comes back as reinstated, else as enabled."""
    controls.mail.open_finding(ACME, "BOUNCE", "HIGH")
    controls.mail.pause(ACME)
    assert reputation() == ("HIGH", "DISABLED", "DISABLED")
    assert sesv2.get_tenant(TenantName="acme")["Tenant"]["SendingStatus"] == "DISABLED"

    assert controls.mail.reinstate(ACME) == "REINSTATED"
    assert reputation() == ("HIGH", "REINSTATED", "REINSTATED")

    controls.mail.close_findings(ACME)
    assert controls.mail.reinstate(ACME) == "ENABLED"
    assert reputation() == ("NONE", "ENABLED", "ENABLED")


def test_findings_go_with_their_tenant(tenant, sesv2, controls, listed):
    """A tenant made again begins with none."""
    controls.mail.open_finding(ACME, "BOUNCE", "HIGH")
    sesv2.delete_tenant(TenantName="acme")
    sesv2.create_tenant(TenantName="acme")

    assert listed() == []


@pytest.mark.parametrize(
    "what, wrong",
    [
        (
            lambda mail: mail.open_finding(Place(*ACME.scope, "nobody"), "BOUNCE", "LOW"),
            "SES has no tenant nobody",
        ),
        (lambda mail: mail.open_finding(ACME, "DKIM", "LOW"), "A finding is one of BOUNCE"),
        (lambda mail: mail.open_finding(ACME, "BOUNCE", "MEDIUM"), "its impact LOW or HIGH"),
        (lambda mail: mail.set_impact(ACME, "MEDIUM"), "An impact is NONE, LOW or HIGH, not MEDIUM."),
        (
            lambda mail: mail.pause(Place(ACME.account, "eu-west-1", "acme")),
            "no tenant acme in 123456789012 eu-west-1",
        ),
        (lambda mail: mail.findings(Place(*ACME.scope, "nobody")), "no tenant nobody in"),
    ],
)
def test_what_cannot_be_is_refused(tenant, controls, what, wrong):
    """Each knob says what it wants instead."""
    with pytest.raises(SandboxError, match=wrong):
        what(controls.mail)
