"""Configuration sets: blocks that are left out, replaced as a whole, and the pool they name."""

import pytest


def blocks(answer):
    """Returns an answer without what names it."""
    return {
        name: value
        for name, value in answer.items()
        if name not in ("ResponseMetadata", "ConfigurationSetName")
    }


def test_blocks_that_nobody_set_are_left_out(sesv2):
    """Only reputation and sending always show; an absent block is its default."""
    sesv2.create_configuration_set(ConfigurationSetName="news")

    assert blocks(sesv2.get_configuration_set(ConfigurationSetName="news")) == {
        "ReputationOptions": {"ReputationMetricsEnabled": False},
        "SendingOptions": {"SendingEnabled": True},
        "Tags": [],
    }


def test_create_keeps_what_was_given(sesv2):
    """A set is made with all its blocks and tags in one call."""
    sesv2.create_dedicated_ip_pool(PoolName="txn")
    given = {
        "DeliveryOptions": {"TlsPolicy": "REQUIRE", "SendingPoolName": "txn", "MaxDeliverySeconds": 3600},
        "ReputationOptions": {"ReputationMetricsEnabled": True},
        "SendingOptions": {"SendingEnabled": False},
        "SuppressionOptions": {"SuppressedReasons": []},
        "Tags": [{"Key": "a", "Value": "1"}],
    }
    sesv2.create_configuration_set(ConfigurationSetName="news", **given)

    assert blocks(sesv2.get_configuration_set(ConfigurationSetName="news")) == given


def test_put_replaces_its_block(sesv2):
    """A put that leaves a member out clears it: a tier change must send the whole block again."""
    sesv2.create_configuration_set(
        ConfigurationSetName="news", DeliveryOptions={"TlsPolicy": "REQUIRE", "MaxDeliverySeconds": 3600}
    )
    sesv2.put_configuration_set_delivery_options(
        ConfigurationSetName="news", SendingPoolName="ses-shared-pool"
    )

    assert sesv2.get_configuration_set(ConfigurationSetName="news")["DeliveryOptions"] == {
        "SendingPoolName": "ses-shared-pool"
    }


def test_other_blocks_have_their_own_puts(sesv2):
    """Each put touches one block."""
    sesv2.create_configuration_set(ConfigurationSetName="news")
    sesv2.put_configuration_set_sending_options(ConfigurationSetName="news", SendingEnabled=False)
    sesv2.put_configuration_set_reputation_options(ConfigurationSetName="news", ReputationMetricsEnabled=True)
    sesv2.put_configuration_set_suppression_options(ConfigurationSetName="news", SuppressedReasons=["BOUNCE"])
    sesv2.put_configuration_set_tracking_options(
        ConfigurationSetName="news", CustomRedirectDomain="t.example"
    )

    assert blocks(sesv2.get_configuration_set(ConfigurationSetName="news")) == {
        "SendingOptions": {"SendingEnabled": False},
        "ReputationOptions": {"ReputationMetricsEnabled": True},
        "SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]},
        "TrackingOptions": {"CustomRedirectDomain": "t.example"},
        "Tags": [],
    }


def test_pool_must_exist_or_be_reserved(sesv2, refused):
    """A missing pool is refused in create and put; SES's own two pools always exist."""
    missing = ("BadRequestException", "SendingPool <txn> doesn't exist")

    assert (
        refused(
            sesv2.create_configuration_set,
            ConfigurationSetName="news",
            DeliveryOptions={"SendingPoolName": "txn"},
        )
        == missing
    )

    for reserved in ("ses-shared-pool", "ses-default-dedicated-pool"):
        sesv2.create_configuration_set(
            ConfigurationSetName=reserved, DeliveryOptions={"SendingPoolName": reserved}
        )

    assert (
        refused(
            sesv2.put_configuration_set_delivery_options,
            ConfigurationSetName="ses-shared-pool",
            SendingPoolName="txn",
        )
        == missing
    )


def test_second_create_and_missing_sets_are_refused(sesv2, refused):
    """A taken name is AlreadyExists, a missing one NotFound."""
    sesv2.create_configuration_set(ConfigurationSetName="news")
    missing = ("NotFoundException", "Configuration set <none> does not exist.")

    assert refused(sesv2.create_configuration_set, ConfigurationSetName="news") == (
        "AlreadyExistsException",
        "Configuration set news already exists.",
    )
    assert refused(sesv2.get_configuration_set, ConfigurationSetName="none") == missing
    assert refused(sesv2.delete_configuration_set, ConfigurationSetName="none") == missing


@pytest.mark.parametrize("name", ["with space", "x" * 65, "dot.ted"])
def test_names_follow_the_service_s_rule(sesv2, refused, name):
    """A set's name is 1 to 64 letters, digits, `_` and `-`."""
    assert refused(sesv2.create_configuration_set, ConfigurationSetName=name)[0] == "BadRequestException"


def test_default_set_of_an_identity_can_be_deleted(sesv2):
    """Being some identity's default doesn't guard a set; the identity keeps the name."""
    sesv2.create_configuration_set(ConfigurationSetName="news")
    sesv2.create_email_identity(EmailIdentity="acme.example", ConfigurationSetName="news")
    sesv2.delete_configuration_set(ConfigurationSetName="news")

    assert sesv2.list_configuration_sets()["ConfigurationSets"] == []
    assert sesv2.get_email_identity(EmailIdentity="acme.example")["ConfigurationSetName"] == "news"


def test_list_has_names_only_and_filters(sesv2):
    """What a set holds must be read one by one."""
    for name in ("a_news", "b_news", "c_receipts"):
        sesv2.create_configuration_set(ConfigurationSetName=name)

    assert sesv2.list_configuration_sets()["ConfigurationSets"] == ["a_news", "b_news", "c_receipts"]
    assert sesv2.list_configuration_sets(Filter={"CONFIGURATION_SET_NAME_CONTAINS": "news"})[
        "ConfigurationSets"
    ] == ["a_news", "b_news"]


def test_vdm_options_are_put_as_they_are_made(sesv2):
    """Their put carries the block as one member, unlike the others, and it is read back as it was given."""
    vdm = {"DashboardOptions": {"EngagementMetrics": "ENABLED"}}
    sesv2.create_configuration_set(ConfigurationSetName="news")
    sesv2.put_configuration_set_vdm_options(ConfigurationSetName="news", VdmOptions=vdm)

    assert sesv2.get_configuration_set(ConfigurationSetName="news")["VdmOptions"] == vdm
