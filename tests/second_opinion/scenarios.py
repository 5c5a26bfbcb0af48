"""What is asked of both servers: for each operation that both have, what should work and what should be refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field

DOMAIN = "acme.example"
ARN = "arn:aws:ses:us-east-1:123456789012:"
TAGS = [{"Key": "team", "Value": "growth"}]
RULE = {"Name": "one", "Enabled": True, "Recipients": [DOMAIN], "Actions": []}
FULL_SET = {
    "DeliveryOptions": {"TlsPolicy": "REQUIRE", "MaxDeliverySeconds": 3600},
    "ReputationOptions": {"ReputationMetricsEnabled": True},
    "SendingOptions": {"SendingEnabled": True},
    "SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]},
    "TrackingOptions": {"CustomRedirectDomain": "t.acme.example"},
    "Tags": TAGS,
}

Step = tuple[str, dict]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Some calls that must work, then the one that is compared."""

    operation: str
    name: str
    parameters: dict = field(default_factory=dict)
    before: tuple[Step, ...] = ()


def scenarios() -> tuple[Scenario, ...]:
    """Returns all scenarios."""
    return (
        *_identities(),
        *_sets(),
        *_pools(),
        *_tags(),
        *_batches(),
        *_rule_sets(),
        *_rules(),
        *_elsewhere(),
        *_metrics(),
    )


def _identity(name: str = DOMAIN, **more: object) -> Step:
    return "sesv2:CreateEmailIdentity", {"EmailIdentity": name, **more}


def _set(name: str = "news", **more: object) -> Step:
    return "sesv2:CreateConfigurationSet", {"ConfigurationSetName": name, **more}


def _pool(name: str = "txn", **more: object) -> Step:
    return "sesv2:CreateDedicatedIpPool", {"PoolName": name, **more}


def _rule_set(name: str = "inbound") -> Step:
    return "ses:CreateReceiptRuleSet", {"RuleSetName": name}


def _rule(rule: dict = RULE, **more: object) -> Step:
    return "ses:CreateReceiptRule", {"RuleSetName": "inbound", "Rule": rule, **more}


def _identities() -> Iterator[Scenario]:
    create, get, listed, delete = (
        f"sesv2:{name}"
        for name in ("CreateEmailIdentity", "GetEmailIdentity", "ListEmailIdentities", "DeleteEmailIdentity")
    )
    one = {"EmailIdentity": DOMAIN}
    yield Scenario(create, "a domain", one)
    yield Scenario(
        create,
        "a domain with a key length",
        {**one, "DkimSigningAttributes": {"NextSigningKeyLength": "RSA_1024_BIT"}},
    )
    yield Scenario(create, "an address", {"EmailIdentity": "post@acme.example"})
    yield Scenario(create, "taken", one, (_identity(),))
    yield Scenario(create, "no domain", {"EmailIdentity": "no domain"})
    yield Scenario(create, "a set that isn't there", {**one, "ConfigurationSetName": "none"})
    yield Scenario(
        get, "a domain with tags and a set", one, (_set(), _identity(Tags=TAGS, ConfigurationSetName="news"))
    )
    yield Scenario(get, "a domain in capitals", {"EmailIdentity": "ACME.example"}, (_identity(),))
    yield Scenario(get, "missing", one)
    yield Scenario(listed, "none", {})
    yield Scenario(listed, "two", {}, (_identity("b.example"), _identity("a.example")))
    yield Scenario(listed, "a page of one", {"PageSize": 1}, (_identity("a.example"), _identity("b.example")))
    yield Scenario(listed, "a page too large", {"PageSize": 1001})
    yield Scenario(listed, "a token of nobody", {"NextToken": "nobody"})
    yield Scenario(delete, "there", one, (_identity(),))
    yield Scenario(delete, "missing", one)


def _sets() -> Iterator[Scenario]:
    create, get, listed, delete = (
        f"sesv2:{name}"
        for name in (
            "CreateConfigurationSet",
            "GetConfigurationSet",
            "ListConfigurationSets",
            "DeleteConfigurationSet",
        )
    )
    one = {"ConfigurationSetName": "news"}
    yield Scenario(create, "bare", one)
    yield Scenario(create, "taken", one, (_set(),))
    yield Scenario(create, "a bad name", {"ConfigurationSetName": "two words"})
    yield Scenario(create, "a pool that isn't there", {**one, "DeliveryOptions": {"SendingPoolName": "none"}})
    yield Scenario(get, "bare", one, (_set(),))
    yield Scenario(get, "with every block", one, (_set(**FULL_SET),))
    yield Scenario(get, "missing", one)
    yield Scenario(listed, "two", {}, (_set("b"), _set("a")))
    yield Scenario(listed, "a page of one", {"PageSize": 1}, (_set("a"), _set("b")))
    yield Scenario(listed, "a page too large", {"PageSize": 1001})
    yield Scenario(delete, "there", one, (_set(),))
    yield Scenario(delete, "missing", one)


def _pools() -> Iterator[Scenario]:
    create, get, listed, delete = (
        f"sesv2:{name}"
        for name in (
            "CreateDedicatedIpPool",
            "GetDedicatedIpPool",
            "ListDedicatedIpPools",
            "DeleteDedicatedIpPool",
        )
    )
    one = {"PoolName": "txn"}
    yield Scenario(create, "standard", one)
    yield Scenario(create, "taken", one, (_pool(),))
    yield Scenario(create, "a bad name", {"PoolName": "Two words"})
    yield Scenario(create, "a reserved name", {"PoolName": "ses-shared-pool"})
    yield Scenario(
        create,
        "a sixth managed one",
        {**one, "ScalingMode": "MANAGED"},
        tuple(_pool(f"p{number}", ScalingMode="MANAGED") for number in range(5)),
    )
    yield Scenario(get, "one made without a mode", one, (_pool(),))
    yield Scenario(get, "managed, with tags", one, (_pool(ScalingMode="MANAGED", Tags=TAGS),))
    yield Scenario(get, "missing", one)
    yield Scenario(listed, "two", {}, (_pool("b"), _pool("a")))
    yield Scenario(listed, "a page of one", {"PageSize": 1}, (_pool("a"), _pool("b")))
    yield Scenario(delete, "there", one, (_pool(),))
    yield Scenario(delete, "missing", one)


def _tags() -> Iterator[Scenario]:
    tag, untag, listed = (f"sesv2:{name}" for name in ("TagResource", "UntagResource", "ListTagsForResource"))
    identity = {"ResourceArn": f"{ARN}identity/{DOMAIN}"}
    a_set = {"ResourceArn": f"{ARN}configuration-set/news"}
    yield Scenario(tag, "an identity", {**identity, "Tags": TAGS}, (_identity(),))
    yield Scenario(tag, "an identity that isn't there", {**identity, "Tags": TAGS})
    yield Scenario(tag, "no ARN", {"ResourceArn": DOMAIN, "Tags": TAGS})
    yield Scenario(untag, "a set", {**a_set, "TagKeys": ["team"]}, (_set(Tags=TAGS),))
    yield Scenario(untag, "an identity that isn't there", {**identity, "TagKeys": ["team"]})
    yield Scenario(listed, "an identity made with tags", identity, (_identity(Tags=TAGS),))
    yield Scenario(listed, "a set made with tags", a_set, (_set(Tags=TAGS),))
    yield Scenario(listed, "a set tagged later", a_set, (_set(), (tag, {**a_set, "Tags": TAGS})))
    yield Scenario(
        listed, "a set without its tag", a_set, (_set(Tags=TAGS), (untag, {**a_set, "TagKeys": ["team"]}))
    )
    yield Scenario(listed, "an identity that isn't there", identity)


def _batches() -> Iterator[Scenario]:
    two = {"Identities": [DOMAIN, "none.example"]}
    for name in ("Dkim", "MailFromDomain", "Verification"):
        operation = f"ses:GetIdentity{name}Attributes"
        yield Scenario(operation, "a new domain and a missing one", two, (_identity(),))
        yield Scenario(operation, "none at all", {"Identities": []})
        yield Scenario(
            operation, "more than a hundred", {"Identities": [f"d{number}.example" for number in range(101)]}
        )
    yield Scenario("ses:DeleteIdentity", "there", {"Identity": DOMAIN}, (_identity(),))
    yield Scenario("ses:DeleteIdentity", "missing", {"Identity": DOMAIN})


def _rule_sets() -> Iterator[Scenario]:
    one = {"RuleSetName": "inbound"}
    active = ("ses:SetActiveReceiptRuleSet", one)
    yield Scenario("ses:CreateReceiptRuleSet", "new", one)
    yield Scenario("ses:CreateReceiptRuleSet", "taken", one, (_rule_set(),))
    yield Scenario("ses:CreateReceiptRuleSet", "a bad character", {"RuleSetName": "in bound"})
    yield Scenario("ses:CreateReceiptRuleSet", "a bad first character", {"RuleSetName": "_inbound"})
    yield Scenario("ses:CreateReceiptRuleSet", "a name too long", {"RuleSetName": "a" * 65})
    yield Scenario(
        "ses:CreateReceiptRuleSet",
        "a forty-first",
        one,
        tuple(_rule_set(f"s{number}") for number in range(40)),
    )
    yield Scenario("ses:DescribeReceiptRuleSet", "without rules", one, (_rule_set(),))
    yield Scenario(
        "ses:DescribeReceiptRuleSet",
        "two rules, the second put first",
        one,
        (_rule_set(), _rule(), _rule({**RULE, "Name": "two"})),
    )
    yield Scenario(
        "ses:DescribeReceiptRuleSet",
        "two rules, the second put behind",
        one,
        (_rule_set(), _rule(), _rule({**RULE, "Name": "two"}, After="one")),
    )
    yield Scenario("ses:DescribeReceiptRuleSet", "missing", one)
    yield Scenario("ses:ListReceiptRuleSets", "two", {}, (_rule_set("b"), _rule_set("a")))
    yield Scenario("ses:DeleteReceiptRuleSet", "there", one, (_rule_set(),))
    yield Scenario("ses:DeleteReceiptRuleSet", "missing", one)
    yield Scenario("ses:DeleteReceiptRuleSet", "active", one, (_rule_set(), active))
    yield Scenario("ses:SetActiveReceiptRuleSet", "there", one, (_rule_set(),))
    yield Scenario("ses:SetActiveReceiptRuleSet", "missing", one)
    yield Scenario("ses:SetActiveReceiptRuleSet", "none any more", {}, (_rule_set(), active))
    yield Scenario("ses:DescribeActiveReceiptRuleSet", "with a rule", {}, (_rule_set(), _rule(), active))
    yield Scenario("ses:DescribeActiveReceiptRuleSet", "none", {}, (_rule_set(),))


def _rules() -> Iterator[Scenario]:
    create, get, update = (f"ses:{name}ReceiptRule" for name in ("Create", "Describe", "Update"))
    one = {"RuleSetName": "inbound", "Rule": RULE}
    named = {"RuleSetName": "inbound", "RuleName": "one"}
    yield Scenario(create, "new", one, (_rule_set(),))
    yield Scenario(create, "taken", one, (_rule_set(), _rule()))
    yield Scenario(
        create,
        "taken, with other recipients",
        {**one, "Rule": {**RULE, "Recipients": ["b.example"]}},
        (_rule_set(), _rule()),
    )
    yield Scenario(create, "a set that isn't there", one)
    yield Scenario(create, "behind a rule that isn't there", {**one, "After": "none"}, (_rule_set(),))
    yield Scenario(
        create, "a bad character, in a set that isn't there", {**one, "Rule": {**RULE, "Name": "o/e"}}
    )
    yield Scenario(create, "a bad first character", {**one, "Rule": {**RULE, "Name": "_one"}}, (_rule_set(),))
    yield Scenario(
        create,
        "a bucket that isn't there",
        {**one, "Rule": {**RULE, "Actions": [{"S3Action": {"BucketName": "none"}}]}},
        (_rule_set(),),
    )
    yield Scenario(
        create,
        "a hundred and one recipients",
        {**one, "Rule": {**RULE, "Recipients": [f"d{number}.example" for number in range(101)]}},
        (_rule_set(),),
    )
    yield Scenario(
        create,
        "eleven actions",
        {**one, "Rule": {**RULE, "Actions": [{"StopAction": {"Scope": "RuleSet"}}] * 11}},
        (_rule_set(),),
    )
    yield Scenario(
        create,
        "a two hundred and first",
        one,
        (_rule_set(), *(_rule({**RULE, "Name": f"r{number}"}) for number in range(200))),
    )
    yield Scenario(get, "with every member", named, (_rule_set(), _rule()))
    yield Scenario(get, "with its name alone", named, (_rule_set(), _rule({"Name": "one"})))
    yield Scenario(get, "missing", named, (_rule_set(),))
    yield Scenario(get, "a set that isn't there", named)
    yield Scenario(update, "there", one, (_rule_set(), _rule()))
    yield Scenario(update, "missing", one, (_rule_set(),))
    yield Scenario(update, "a set that isn't there", one)


def _elsewhere() -> Iterator[Scenario]:
    resources = "tagging:GetResources"
    made = (_identity(Tags=TAGS), _set(Tags=TAGS), _pool(Tags=TAGS), _set("bare"))
    yield Scenario("sts:GetCallerIdentity", "a user", {})
    yield Scenario(resources, "none", {})
    yield Scenario(resources, "all that have tags", {"TagFilters": [{"Key": "team"}]}, made)
    yield Scenario(resources, "without a filter", {}, (_set(Tags=TAGS), _set("bare")))
    yield Scenario(
        resources,
        "sets with a value",
        {
            "ResourceTypeFilters": ["ses:configuration-set"],
            "TagFilters": [{"Key": "team", "Values": ["growth"]}],
        },
        made,
    )
    yield Scenario(
        resources,
        "sets with another value",
        {
            "ResourceTypeFilters": ["ses:configuration-set"],
            "TagFilters": [{"Key": "team", "Values": ["sales"]}],
        },
        made,
    )
    yield Scenario(
        resources,
        "once tagged",
        {"ResourceTypeFilters": ["ses:configuration-set"]},
        (
            _set(Tags=TAGS),
            ("sesv2:UntagResource", {"ResourceArn": f"{ARN}configuration-set/news", "TagKeys": ["team"]}),
        ),
    )
    yield Scenario(resources, "a page too large", {"ResourcesPerPage": 101})
    yield Scenario(resources, "a token of nobody", {"PaginationToken": "nobody"})


def _metrics() -> Iterator[Scenario]:
    read, dimension = "cloudwatch:GetMetricData", {"Name": "ses:configuration-set", "Value": "news"}

    def query(name: str = "Send", number: int = 1, **more: object) -> dict:
        metric = {"Namespace": "AWS/SES", "MetricName": name, "Dimensions": [dimension]}
        return {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": 86_400, "Stat": "Sum", **more}}

    week = {"StartTime": 1_767_225_600, "EndTime": 1_767_830_400}
    yield Scenario(read, "a metric that nobody published", {"MetricDataQueries": [query()], **week})
    yield Scenario(
        read,
        "several that nobody published",
        {"MetricDataQueries": [query(), query("Reputation.BounceRate", 2, Stat="Average")], **week},
    )
    yield Scenario(
        read, "a query that isn't returned", {"MetricDataQueries": [{**query(), "ReturnData": False}], **week}
    )
    yield Scenario(read, "an id twice", {"MetricDataQueries": [query(), query()], **week})
    yield Scenario(
        read,
        "an end before its start",
        {"MetricDataQueries": [query()], "StartTime": week["EndTime"], "EndTime": week["StartTime"]},
    )
    yield Scenario(
        read,
        "five hundred and one queries",
        {"MetricDataQueries": [query(number=number) for number in range(501)], **week},
    )
    yield Scenario(read, "a token of nobody", {"MetricDataQueries": [query()], **week, "NextToken": "nobody"})
