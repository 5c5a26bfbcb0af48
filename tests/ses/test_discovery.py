"""Everything that exists, ours or not: by the ids under which it can be imported, or with the reason why it can't be."""

import pytest

from chanplan.model.configuration import SesAlias
from chanplan.model.discoveries import Discovered, Undiscovered
from chanplan.model.problems import Severity
from chanplan.model.resources import Marks
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.ses.ses_world import ACCOUNT, RECEIVING, REGION, SCOPE

OURS, NOBODYS = Marks("id-1", "acme-production"), Marks(None, None)
EVERYTHING = ("sending_pool", "ses_setup", "use_case")
ARN = f"arn:aws:ses:{REGION}:{ACCOUNT}:"


@pytest.fixture
def strangers(boto, controls):
    """Somebody else who works in the same account."""
    return Strangers(boto("sesv2"), boto("ses"))


class Strangers:
    """Makes what chanplan didn't."""

    def __init__(self, sesv2, ses):
        self.sesv2 = sesv2
        self.ses = ses

    def tenant(self, name, *domains, **more):
        """Makes a tenant, and domains that belong to it."""
        self.sesv2.create_tenant(TenantName=name, **more)
        for domain in domains:
            self.domain(domain)
            self.associate(name, f"identity/{domain}")

    def domain(self, name):
        """Makes an identity."""
        self.sesv2.create_email_identity(EmailIdentity=name)

    def set(self, name, *tenants):
        """Makes a configuration set that belongs to tenants."""
        self.sesv2.create_configuration_set(ConfigurationSetName=name)
        for tenant in tenants:
            self.associate(tenant, f"configuration-set/{name}")

    def associate(self, tenant, resource):
        """Gives a tenant a resource."""
        self.sesv2.create_tenant_resource_association(TenantName=tenant, ResourceArn=ARN + resource)


def discovered(world, *kinds):
    """Gives what is found, by kind and id."""
    found = list(world.provider.discover(kinds or EVERYTHING, SCOPE))
    return {(each.kind, each.import_id): each for each in found}


def obstacles(found):
    """Gives the codes of why something can't be imported, for what can't be."""
    return {key: [problem.code for problem in each.problems] for key, each in found.items() if not each.fits}


def notes(found):
    """Gives the codes of what should be known, for what can be imported."""
    return {
        key: [problem.code for problem in each.problems]
        for key, each in found.items()
        if each.fits and each.problems
    }


def test_setups_are_told_as_they_could_be_declared(world):
    """A pair of a tenant and a domain, with everything that SES tells of it."""
    setup = world.create(world.setup(reputation_policy="strict", mail_from="mail"))

    found = discovered(world, "ses_setup")

    assert list(found.values()) == [
        Discovered(
            "ses_setup",
            "acme/mail.acme.example",
            SCOPE,
            OURS,
            {
                "tenant_name": "acme",
                "domain_identity": "mail.acme.example",
                "mail_from": "mail",
                "reputation_policy": "strict",
            },
            {name: setup.facts[name] for name in ("tenant_id", "tenant_arn")} | {"sending_status": "ENABLED"},
        )
    ]


def test_receiving_is_told_from_rules_of_ours(world, rule_set):
    """They are known by their names alone, in whatever set they stand."""
    world.create(world.setup(receiving=RECEIVING))

    (found,) = discovered(world, "ses_setup").values()

    assert found.attributes["receiving"] == RECEIVING
    assert found.problems == ()


def test_rules_of_others_are_named(world, strangers, rule_set):
    """They stay as they are; nobody shall wonder where the mail goes."""
    strangers.tenant("theirs", "theirs.example")

    found = discovered(world, "ses_setup")["ses_setup", "theirs/theirs.example"]

    assert "receiving" not in found.attributes
    assert found.problems[-1].code == "receiving_by_others"
    assert "inbound/theirs" in found.problems[-1].message


def test_use_cases_are_told_with_their_setup(world, strangers):
    """Names of a set fold what was declared; one spelling that folds so is proposed."""
    strangers.tenant("acme", "mail.acme.example")
    strangers.set("acme-corp_order-receipts", "acme")

    found = discovered(world, "use_case")["use_case", "acme-corp_order-receipts"]

    assert found == Discovered(
        "use_case",
        "acme-corp_order-receipts",
        SCOPE,
        NOBODYS,
        {"channel": "email", "sending_pool": None, "entity_name": "Acme Corp", "name": "Order Receipts"},
        {
            "configuration_set_name": "acme-corp_order-receipts",
            "tenant_name": "acme",
            "setup": "acme/mail.acme.example",
        },
    )


def test_pools_are_told_with_their_scaling(world, boto):
    """Ours and others'; a use case then says through which it sends."""
    pool = world.create(world.pool())
    boto("sesv2").create_dedicated_ip_pool(PoolName="theirs", ScalingMode="MANAGED")
    world.create(world.setup(), id="setup")
    world.create(world.use_case(sending_pool="theirs"))

    found = discovered(world)

    assert [(each.marks, each.attributes) for each in found.values() if each.kind == "sending_pool"] == [
        (OURS, {"pool_name": "acme-txn", "scaling": "standard"}),
        (NOBODYS, {"pool_name": "theirs", "scaling": "managed"}),
    ]
    assert found["sending_pool", "acme-txn"].facts == pool.facts
    assert found["use_case", "acme_receipts"].attributes["sending_pool"] == "theirs"


def test_what_is_no_setup_says_why(world, strangers):
    """Each half of a pair that lacks the other, and each that has several."""
    strangers.tenant("empty")
    strangers.tenant("many", "one.example", "two.example")
    strangers.tenant("sharing", "shared.example")
    strangers.tenant("shared")
    strangers.associate("shared", "identity/shared.example")
    strangers.domain("lonely.example")
    strangers.domain("me@theirs.example")
    strangers.associate("empty", "identity/me@theirs.example")

    assert obstacles(discovered(world, "ses_setup")) == {
        ("ses_setup", "empty"): ["tenant_without_domain"],
        ("ses_setup", "many/one.example"): ["tenant_several_domains"],
        ("ses_setup", "many/two.example"): ["tenant_several_domains"],
        ("ses_setup", "shared/shared.example"): ["domain_several_tenants"],
        ("ses_setup", "sharing/shared.example"): ["domain_several_tenants"],
        ("ses_setup", "lonely.example"): ["domain_without_tenant"],
        ("ses_setup", "me@theirs.example"): ["email_address_identity"],
    }


def test_what_is_no_use_case_says_why(world, strangers):
    """A name that can't be folded from two, and a place in no tenant or in several."""
    strangers.tenant("acme", "mail.acme.example")
    strangers.tenant("globex", "mail.globex.example")
    strangers.set("AcmeReceipts2024", "acme")
    strangers.set("acme_lost")
    strangers.set("acme_shared", "acme", "globex")
    strangers.set("legacy")

    found = discovered(world, "use_case")

    assert obstacles(found) == {
        ("use_case", "AcmeReceipts2024"): ["set_name_unfit"],
        ("use_case", "acme_lost"): ["set_without_tenant"],
        ("use_case", "acme_shared"): ["set_several_tenants"],
        ("use_case", "legacy"): ["set_name_unfit", "set_without_tenant"],
    }
    assert (
        "entity_name 'Acme' and name 'Receipts'" in found["use_case", "AcmeReceipts2024"].problems[0].remedy
    )
    assert "which makes acme_receipts" in found["use_case", "AcmeReceipts2024"].problems[0].remedy


@pytest.mark.parametrize(
    "name, fits",
    [
        ("acme_receipts", True),
        ("a-b-c_d", True),
        (f"{'a' * 31}_{'b' * 31}", True),
        (f"{'a' * 32}_b", False),
        ("acme", False),
        ("acme_a_b", False),
        ("acme_", False),
        ("_acme", False),
        ("-acme_b", False),
        ("ac--me_b", False),
        ("acme_b2", False),
        ("Acme_b", False),
    ],
)
def test_a_sets_name_fits_or_not(world, strangers, name, fits):
    """What `entity_name` and `name` fold to, and nothing else."""
    strangers.tenant("acme", "mail.acme.example")
    strangers.set(name, "acme")

    assert discovered(world, "use_case")["use_case", name].fits == fits


def test_what_an_import_would_change_is_noted(world, strangers):
    """A setup has a MAIL FROM domain and a policy; one that SES paused can be imported all the same."""
    strangers.tenant("acme", "mail.acme.example")
    tenant = strangers.sesv2.get_tenant(TenantName="acme")["Tenant"]["TenantArn"]
    strangers.sesv2.update_reputation_entity_customer_managed_status(
        ReputationEntityType="RESOURCE", ReputationEntityReference=tenant, SendingStatus="DISABLED"
    )

    assert notes(discovered(world, "ses_setup")) == {
        ("ses_setup", "acme/mail.acme.example"): ["mail_from_unset", "sending_suspended"]
    }


def test_another_way_of_signing_is_noted(world, strangers):
    """What `dns records` would list isn't what the domain has."""
    strangers.tenant("acme")
    strangers.sesv2.create_email_identity(
        EmailIdentity="mail.acme.example",
        DkimSigningAttributes={"DomainSigningSelector": "own", "DomainSigningPrivateKey": "MIIE"},
    )
    strangers.associate("acme", "identity/mail.acme.example")
    strangers.sesv2.put_email_identity_mail_from_attributes(
        EmailIdentity="mail.acme.example", MailFromDomain="bounce.mail.acme.example"
    )

    assert notes(discovered(world, "ses_setup")) == {
        ("ses_setup", "acme/mail.acme.example"): ["dkim_not_easy"]
    }


def test_a_mail_from_domain_is_one_label_below(world, strangers):
    """Another can't be declared."""
    strangers.tenant("acme", "mail.acme.example")
    strangers.sesv2.put_email_identity_mail_from_attributes(
        EmailIdentity="mail.acme.example", MailFromDomain="a.b.mail.acme.example"
    )

    assert obstacles(discovered(world, "ses_setup")) == {
        ("ses_setup", "acme/mail.acme.example"): ["mail_from_unsupported"]
    }


def test_marks_say_whose_it_is(world, strangers, make_provider):
    """Where the parts of a setup are marked by two workspaces, the other one's mark is told."""
    tag = {"Key": "chanplan:id", "Value": "id-9"}
    other = {"Key": "chanplan:workspace", "Value": "elsewhere"}
    world.create(world.setup())
    strangers.tenant("theirs", "theirs.example", Tags=[tag, other])
    strangers.sesv2.tag_resource(
        ResourceArn=f"{ARN}identity/theirs.example",
        Tags=[
            {"Key": "chanplan:id", "Value": "id-8"},
            {"Key": "chanplan:workspace", "Value": "acme-production"},
        ],
    )

    found = discovered(world, "ses_setup")

    assert {key[1]: each.marks for key, each in found.items()} == {
        "acme/mail.acme.example": OURS,
        "theirs/theirs.example": Marks("id-9", "elsewhere"),
    }


def test_calls_grow_with_tenants_alone_where_there_are_no_pools(world, strangers):
    """What belongs to a tenant is told by a call for each; everything else comes in lists, batches and from the tagging
    service."""
    for number in range(3):
        name = f"customer-{'abc'[number]}"
        strangers.tenant(name, f"mail.{name}.example")
        strangers.set(f"{name}_receipts", name)
        strangers.set(f"{name}_news", name)
    world.calls()

    discovered(world)

    assert world.calls() == {
        "sesv2:ListTenants": 1,
        "sesv2:ListTenantResources": 3,
        "sesv2:ListEmailIdentities": 1,
        "ses:GetIdentityDkimAttributes": 1,
        "ses:GetIdentityMailFromDomainAttributes": 1,
        "sesv2:ListReputationEntities": 1,
        "sesv2:ListConfigurationSets": 1,
        "sesv2:ListDedicatedIpPools": 1,
        "ses:ListReceiptRuleSets": 1,
        "tagging:GetResources": 1,
    }


def test_without_the_tagging_service_each_object_is_read(world, strangers, controls, caplog):
    """The marks are the same; it takes more calls, and the right that is missing is named."""
    world.create(world.setup())
    strangers.set("acme_news", "acme")
    with_it = discovered(world)
    controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "tagging:GetResources"))
    world.calls()

    without_it = discovered(world)

    assert without_it == with_it
    calls = world.calls()
    assert {
        name: calls[name]
        for name in ("sesv2:GetTenant", "sesv2:GetEmailIdentity", "sesv2:GetConfigurationSet")
    } == {
        "sesv2:GetTenant": 1,
        "sesv2:GetEmailIdentity": 1,
        "sesv2:GetConfigurationSet": 1,
    }
    assert "Allow tag:GetResources" in caplog.text


def test_pages_of_marks_are_all_read(world, strangers):
    """The tagging service gives 100 objects a page."""
    for number in range(51):
        tags = [
            {"Key": "chanplan:id", "Value": f"id-{number}"},
            {"Key": "chanplan:workspace", "Value": "elsewhere"},
        ]
        strangers.sesv2.create_tenant(TenantName=f"t{number}", Tags=tags)
        strangers.sesv2.create_email_identity(EmailIdentity=f"t{number}.example", Tags=tags)
        strangers.associate(f"t{number}", f"identity/t{number}.example")
    world.calls()

    found = discovered(world, "ses_setup")

    assert {each.marks.workspace for each in found.values()} == {"elsewhere"}
    assert world.calls()["tagging:GetResources"] == 2


@pytest.mark.parametrize(
    "operation, right, unread",
    [
        ("sesv2:ListTenants", "ses:ListTenants", {"ses_setup", "use_case"}),
        ("sesv2:ListTenantResources", "ses:ListTenantResources", {"ses_setup", "use_case"}),
        ("sesv2:ListEmailIdentities", "ses:ListEmailIdentities", {"ses_setup"}),
        ("ses:ListReceiptRuleSets", "ses:ListReceiptRuleSets", {"ses_setup"}),
        ("sesv2:ListConfigurationSets", "ses:ListConfigurationSets", {"use_case"}),
        ("sesv2:GetDedicatedIpPool", "ses:GetDedicatedIpPool", {"sending_pool"}),
    ],
)
def test_a_missing_right_hides_no_more_than_it_must(world, controls, operation, right, unread):
    """The kinds that need the call aren't told, with the right that is missing; the others are."""
    world.create(world.setup(), id="setup")
    world.create(world.use_case())
    world.create(world.pool())
    controls.add_fault(Fault(FaultKind.ACCESS_DENIED, operation))

    found = list(world.provider.discover(EVERYTHING, SCOPE))

    failed = [each for each in found if isinstance(each, Undiscovered)]
    assert {kind for each in failed for kind in each.kinds} == unread
    assert {each.kind for each in found if isinstance(each, Discovered)} == set(EVERYTHING) - unread
    assert {(each.problem.code, each.problem.severity) for each in failed} == {
        ("access_denied", Severity.ERROR)
    }
    assert all(f"Allow {right} " in each.problem.remedy for each in failed)


def test_rules_arent_asked_for_where_no_mail_is_received(make_provider, strangers, world):
    """SES refuses there what it doesn't offer."""
    provider = make_provider({"default": SesAlias("default", REGION)}, receiving_regions=())
    strangers.tenant("acme", "mail.acme.example")
    world.calls()

    list(provider.discover(("ses_setup",), SCOPE))

    assert "ses:ListReceiptRuleSets" not in world.calls()
