"""Receipt rules: sets, one of them active, and rules in an order."""

import pytest

S3 = {"S3Action": {"BucketName": "inbound"}}


def rule(name, **members):
    """Makes a rule."""
    return {"Name": name, "Enabled": True, "Recipients": ["a.example"], "Actions": [S3], **members}


@pytest.fixture
def inbound(ses):
    """An empty rule set."""
    ses.create_receipt_rule_set(RuleSetName="inbound")


def rule_names(ses):
    """Returns the names of the rules in their order."""
    return [item["Name"] for item in ses.describe_receipt_rule_set(RuleSetName="inbound")["Rules"]]


def test_rule_is_kept_with_its_defaults(ses, inbound):
    """Members that aren't given have the service's defaults."""
    ses.create_receipt_rule(RuleSetName="inbound", Rule={"Name": "first"})

    assert ses.describe_receipt_rule(RuleSetName="inbound", RuleName="first")["Rule"] == {
        "Name": "first",
        "Enabled": False,
        "TlsPolicy": "Optional",
        "Recipients": [],
        "Actions": [],
        "ScanEnabled": False,
    }


def test_rules_go_first_or_behind_a_named_one(ses, inbound):
    """Without After a rule goes before all others."""
    ses.create_receipt_rule(RuleSetName="inbound", Rule=rule("one"))
    ses.create_receipt_rule(RuleSetName="inbound", Rule=rule("two"))
    ses.create_receipt_rule(RuleSetName="inbound", Rule=rule("three"), After="two")

    assert rule_names(ses) == ["two", "three", "one"]


def test_update_replaces_a_rule_in_its_place(ses, inbound):
    """What the update leaves out is reset; the order stays."""
    for name in ("b", "a"):
        ses.create_receipt_rule(RuleSetName="inbound", Rule=rule(name, TlsPolicy="Require"))
    ses.update_receipt_rule(
        RuleSetName="inbound", Rule={"Name": "a", "Recipients": ["x.example", ".x.example"]}
    )
    found = ses.describe_receipt_rule(RuleSetName="inbound", RuleName="a")["Rule"]

    assert rule_names(ses) == ["a", "b"]
    assert (found["Recipients"], found["TlsPolicy"], found["Actions"]) == (
        ["x.example", ".x.example"],
        "Optional",
        [],
    )


def test_one_set_is_active(ses, inbound, refused):
    """The active set can be read as such, isn't deleted, and is switched off by naming none."""
    assert "Metadata" not in ses.describe_active_receipt_rule_set()

    ses.create_receipt_rule(RuleSetName="inbound", Rule=rule("one"))
    ses.set_active_receipt_rule_set(RuleSetName="inbound")
    active = ses.describe_active_receipt_rule_set()

    assert (active["Metadata"]["Name"], [item["Name"] for item in active["Rules"]]) == ("inbound", ["one"])
    assert refused(ses.delete_receipt_rule_set, RuleSetName="inbound") == (
        "CannotDelete",
        "Cannot delete active rule set: inbound",
    )

    ses.set_active_receipt_rule_set()

    assert "Metadata" not in ses.describe_active_receipt_rule_set()

    for _ in range(2):
        ses.delete_receipt_rule_set(RuleSetName="inbound")

    assert ses.list_receipt_rule_sets()["RuleSets"] == []


def test_second_creates_are_refused_with_typed_errors(ses, inbound):
    """The SDK knows the errors by name."""
    ses.create_receipt_rule(RuleSetName="inbound", Rule=rule("one"))

    with pytest.raises(ses.exceptions.AlreadyExistsException, match="Rule set already exists: inbound"):
        ses.create_receipt_rule_set(RuleSetName="inbound")
    with pytest.raises(ses.exceptions.AlreadyExistsException, match="Rule already exists: one"):
        ses.create_receipt_rule(RuleSetName="inbound", Rule=rule("one"))


def test_missing_sets_and_rules(ses, inbound, refused):
    """Deleting a missing rule is silent; everything else says what is missing."""
    ses.delete_receipt_rule(RuleSetName="inbound", RuleName="none")

    assert refused(ses.delete_receipt_rule, RuleSetName="none", RuleName="none") == (
        "RuleSetDoesNotExist",
        "Rule set does not exist: none",
    )
    assert refused(ses.update_receipt_rule, RuleSetName="inbound", Rule=rule("none")) == (
        "RuleDoesNotExist",
        "Rule does not exist: none",
    )


def test_limits(ses, inbound, refused):
    """100 recipients and 10 actions in a rule, 200 rules in a set, 40 sets."""
    crowded = rule("crowded", Recipients=[f"d{number}.example" for number in range(101)])
    busy = rule("busy", Actions=[S3] * 11)

    assert refused(ses.create_receipt_rule, RuleSetName="inbound", Rule=crowded)[0] == "LimitExceeded"
    assert refused(ses.create_receipt_rule, RuleSetName="inbound", Rule=busy)[0] == "LimitExceeded"

    for number in range(200):
        ses.create_receipt_rule(RuleSetName="inbound", Rule=rule(f"r{number}"))

    assert refused(ses.create_receipt_rule, RuleSetName="inbound", Rule=rule("more")) == (
        "LimitExceeded",
        "Too many rules",
    )

    for number in range(39):
        ses.create_receipt_rule_set(RuleSetName=f"set{number}")

    assert refused(ses.create_receipt_rule_set, RuleSetName="more")[0] == "LimitExceeded"


def test_names_are_refused_in_two_ways_before_anything_is_looked_up(ses, refused):
    """By their characters as the generic validation does it, then by their ends and length in SES's own words."""
    pattern = (
        "failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9_.-]+$"
    )
    too_long = "a" * 65

    assert refused(ses.create_receipt_rule_set, RuleSetName="in bound") == (
        "ValidationError",
        f"1 validation error detected: Value at 'ruleSetName' {pattern}",
    )
    assert refused(ses.create_receipt_rule_set, RuleSetName="-inbound") == (
        "InvalidParameterValue",
        "Not a valid ruleSetName: -inbound",
    )
    for call in (ses.create_receipt_rule, ses.update_receipt_rule):
        assert refused(call, RuleSetName="none", Rule=rule("o/e")) == (
            "ValidationError",
            f"1 validation error detected: Value at 'rule.name' {pattern}",
        )
        assert refused(call, RuleSetName="none", Rule=rule(too_long)) == (
            "InvalidParameterValue",
            f"Not a valid ruleName: {too_long}",
        )
