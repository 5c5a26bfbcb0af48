"""Which single write brings a domain nearer to where it belongs."""

import pytest

from chanplan.providers.ses.receiving import (
    CreateRule,
    DeleteRule,
    UpdateRule,
    next_write,
    number_of,
    rule_prefix,
)

PREFIX = "chanplan-acme-"
S3 = [{"s3": {"bucket": "inbound"}}]
SNS = [{"sns": {"topic": "arn:aws:sns:us-east-1:1:t", "encoding": "UTF-8"}}]


def _rule(number, recipients, *, actions=None, enabled=True):
    return {
        "Name": f"{PREFIX}{number:03d}",
        "Enabled": enabled,
        "ScanEnabled": True,
        "TlsPolicy": "Optional",
        "Recipients": recipients,
        "Actions": actions or [{"S3Action": {"BucketName": "inbound"}}],
    }


def _write(rules, actions, domain="a.example"):
    return next_write(rules, PREFIX, domain, actions)


def test_the_first_domain_makes_a_rule_behind_all_others():
    """Rules that stand there keep their precedence."""
    assert _write([{"Name": "theirs"}], S3) == CreateRule(_rule(1, ["a.example"]), after="theirs")


def test_an_empty_set_takes_the_rule_as_its_first():
    """There is nothing to stand behind."""
    assert _write([], S3) == CreateRule(_rule(1, ["a.example"]), after=None)


def test_a_rule_with_room_takes_the_domain():
    """The lowest number that has room."""
    full = _rule(1, [f"{number}.example" for number in range(100)])

    assert _write([full, _rule(2, ["b.example"])], S3) == UpdateRule(_rule(2, ["b.example", "a.example"]))


def test_a_freed_number_is_used_again():
    """Names don't grow for ever."""
    full = [f"{number}.example" for number in range(100)]

    write = _write([_rule(1, full), _rule(3, full)], S3)

    assert write == CreateRule(_rule(2, ["a.example"]), after=f"{PREFIX}003")


def test_a_disabled_rule_with_the_domain_is_enabled():
    """Somebody switched it off, and the configuration says that mail is received."""
    assert _write([_rule(1, ["a.example"], enabled=False)], S3) == UpdateRule(_rule(1, ["a.example"]))


def test_a_domain_at_home_needs_nothing():
    """Doing it twice is as good as once."""
    assert _write([_rule(1, ["a.example"])], S3) is None


def test_a_second_entry_goes_when_the_first_is_right():
    """A domain that moved is taken out of where it was."""
    rules = [_rule(1, ["a.example", "b.example"]), _rule(2, ["a.example"], actions=_sns())]

    assert _write(rules, SNS) == UpdateRule(_rule(1, ["b.example"]))


def test_a_domain_that_another_workspace_handed_over_stays_where_it_is():
    """In the rule of that one, for as long as the rule does what is declared."""
    theirs = {**_rule(1, ["b.example", "a.example"]), "Name": "chanplan-other-001"}

    assert _write([theirs, _rule(1, ["c.example"])], S3) is None


def test_other_actions_take_a_domain_that_was_handed_over_home():
    """It is added to a rule of ours first, and then taken out of the other one, of which all else stays."""
    theirs = {**_rule(1, ["b.example", "a.example"]), "Name": "chanplan-other-001"}
    ours = _rule(1, ["a.example"], actions=_sns())

    assert _write([theirs], SNS) == CreateRule(ours, after="chanplan-other-001")
    assert _write([theirs, ours], SNS) == UpdateRule({**theirs, "Recipients": ["b.example"]})
    assert _write([{**theirs, "Recipients": ["a.example"]}], None) == DeleteRule("chanplan-other-001")


def test_a_rule_of_nobody_we_know_is_left_alone():
    """Whatever domains it names."""
    theirs = {**_rule(1, ["a.example"]), "Name": "inbound-001"}

    assert _write([theirs], None) is None


def test_the_last_recipient_takes_the_rule_along():
    """A rule without recipients would match all mail of the account."""
    assert _write([_rule(1, ["a.example"])], None) == DeleteRule(f"{PREFIX}001")


@pytest.mark.parametrize(
    "name, number",
    [
        ("chanplan-acme-001", 1),
        ("chanplan-acme-1000", 1000),
        ("chanplan-acme-two-001", None),
        ("chanplan-acme-", None),
        ("chanplan-other-001", None),
        ("theirs", None),
    ],
)
def test_ours_are_known_by_name(name, number):
    """Another workspace's rule is another's, also when its name begins like ours."""
    assert number_of(name, PREFIX) == number


@pytest.mark.parametrize("workspace", ["acme", "a" * 63, "acme.production"])
def test_rule_names_fit_what_ses_takes(workspace):
    """At most 64 letters, digits, underscores and hyphens."""
    name = f"{rule_prefix(workspace)}001"

    assert len(name) <= 64
    assert name.replace("-", "").isalnum()


def test_workspaces_that_look_alike_have_rules_of_their_own():
    """What is folded or cut is told apart by a hash."""
    names = {rule_prefix(name) for name in ("acme.mail", "acme-mail", "a" * 62 + "b", "a" * 62 + "c")}

    assert len(names) == 4


def _sns():
    return [{"SNSAction": {"TopicArn": "arn:aws:sns:us-east-1:1:t", "Encoding": "UTF-8"}}]
