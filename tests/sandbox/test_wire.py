"""The wire itself: routes from the service models, raw paths, validation behind the SDK, and what is unknown."""

import http.client
import json
import re

import pytest

from chanplan.sandbox.dns.records import ZoneRecord
from chanplan.sandbox.services.operations import HANDLERS
from chanplan.sandbox.wire.aws.model import BOTOCORE_NAMES, operation, routes

SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=sandbox/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
)


@pytest.fixture
def raw(sandbox):
    """Sends a request as it is written and returns status, error code and body; one connection serves all."""
    connection = http.client.HTTPConnection(sandbox.endpoint.removeprefix("http://"))

    def send(method, path, body=b"", signed_for="ses", **headers):
        signature = {"Authorization": SIGNATURE.format(signed_for)} if signed_for else {}
        connection.request(method, path, body, {**signature, **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("x-amzn-ErrorType"), answer.read().decode()

    yield send
    connection.close()


def snake(name):
    """Returns an operation's name as boto3 spells it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def test_every_operation_answers_in_its_model_s_shape(clients, controls):
    """Each operation of the table is called through boto3 once; the fixture checks each answer's shape."""
    made = {}
    sesv2, ses = clients("sesv2"), clients("ses")
    everywhere = {
        "sesv2": sesv2,
        "ses": ses,
        "sts": clients("sts"),
        "tagging": clients("resourcegroupstaggingapi"),
        "cloudwatch": clients("cloudwatch"),
    }
    destination = {"EventDestinationName": "counts"}
    events = {
        "Enabled": True,
        "MatchingEventTypes": ["SEND"],
        "EventBridgeDestination": {"EventBusArn": "arn:aws:events:us-east-1:123456789012:event-bus/default"},
    }
    period = {"StartDate": 0, "EndDate": 86400}
    stat = {"Metric": {"Namespace": "AWS/SES", "MetricName": "Send"}, "Period": 60, "Stat": "Sum"}
    made["tenant"] = sesv2.create_tenant(TenantName="acme", Tags=[{"Key": "a", "Value": "1"}])["TenantArn"]
    tokens = sesv2.create_email_identity(EmailIdentity="acme.example")["DkimAttributes"]["Tokens"]
    controls.publish(
        ZoneRecord(f"{token}._domainkey.acme.example", "CNAME", f"{token}.dkim.amazonses.com")
        for token in tokens
    )
    sesv2.create_configuration_set(ConfigurationSetName="news")
    sesv2.create_dedicated_ip_pool(PoolName="txn")
    ses.create_receipt_rule_set(RuleSetName="inbound")
    base = "arn:aws:ses:us-east-1:123456789012:"
    identity = base + "identity/acme.example"
    entity = {"ReputationEntityType": "RESOURCE", "ReputationEntityReference": made["tenant"]}
    name, news, link = (
        {"EmailIdentity": "acme.example"},
        {"ConfigurationSetName": "news"},
        {"TenantName": "acme", "ResourceArn": identity},
    )
    rule = {"Name": "one", "Recipients": ["acme.example"], "Actions": [{"S3Action": {"BucketName": "in"}}]}
    steps = [
        ("sesv2:GetTenant", {"TenantName": "acme"}),
        ("sesv2:ListTenants", {}),
        ("sesv2:PutTenantSuppressionAttributes", {"TenantName": "acme"}),
        ("sesv2:CreateTenantResourceAssociation", link),
        ("sesv2:ListTenantResources", {"TenantName": "acme"}),
        ("sesv2:ListResourceTenants", {"ResourceArn": identity}),
        ("sesv2:DeleteTenantResourceAssociation", link),
        (
            "sesv2:UpdateReputationEntityPolicy",
            {**entity, "ReputationEntityPolicy": "arn:aws:ses:us-east-1:aws:reputation-policy/strict"},
        ),
        ("sesv2:UpdateReputationEntityCustomerManagedStatus", {**entity, "SendingStatus": "DISABLED"}),
        ("sesv2:GetReputationEntity", entity),
        ("sesv2:ListReputationEntities", {}),
        ("sesv2:PutEmailIdentityMailFromAttributes", {**name, "MailFromDomain": "bounce.acme.example"}),
        ("sesv2:PutEmailIdentityDkimAttributes", {**name, "SigningEnabled": True}),
        ("sesv2:PutEmailIdentityDkimSigningAttributes", {**name, "SigningAttributesOrigin": "AWS_SES"}),
        ("sesv2:PutEmailIdentityFeedbackAttributes", {**name, "EmailForwardingEnabled": True}),
        ("sesv2:PutEmailIdentityConfigurationSetAttributes", {**name, **news}),
        ("sesv2:GetEmailIdentity", name),
        ("sesv2:ListEmailIdentities", {}),
        ("sesv2:PutConfigurationSetDeliveryOptions", {**news, "SendingPoolName": "txn"}),
        ("sesv2:PutConfigurationSetReputationOptions", {**news, "ReputationMetricsEnabled": True}),
        ("sesv2:PutConfigurationSetSendingOptions", {**news, "SendingEnabled": True}),
        ("sesv2:PutConfigurationSetSuppressionOptions", {**news, "SuppressedReasons": ["BOUNCE"]}),
        ("sesv2:PutConfigurationSetTrackingOptions", {**news, "CustomRedirectDomain": "t.acme.example"}),
        ("sesv2:PutConfigurationSetVdmOptions", {**news, "VdmOptions": {}}),
        ("sesv2:PutConfigurationSetArchivingOptions", news),
        ("sesv2:CreateConfigurationSetEventDestination", {**news, **destination, "EventDestination": events}),
        ("sesv2:GetConfigurationSetEventDestinations", news),
        ("sesv2:DeleteConfigurationSetEventDestination", {**news, **destination}),
        ("sesv2:GetConfigurationSet", news),
        ("sesv2:ListConfigurationSets", {}),
        ("sesv2:GetDedicatedIpPool", {"PoolName": "txn"}),
        ("sesv2:PutDedicatedIpPoolScalingAttributes", {"PoolName": "txn", "ScalingMode": "MANAGED"}),
        ("sesv2:ListDedicatedIpPools", {}),
        ("sesv2:GetDedicatedIps", {"PoolName": "txn"}),
        ("sesv2:TagResource", {"ResourceArn": identity, "Tags": [{"Key": "a", "Value": "1"}]}),
        ("sesv2:ListTagsForResource", {"ResourceArn": identity}),
        ("sesv2:UntagResource", {"ResourceArn": identity, "TagKeys": ["a", "b"]}),
        ("sesv2:GetAccount", {}),
        ("sesv2:PutAccountVdmAttributes", {"VdmAttributes": {"VdmEnabled": "ENABLED"}}),
        (
            "sesv2:BatchGetMetricData",
            {"Queries": [{"Id": "q", "Namespace": "VDM", "Metric": "SEND", **period}]},
        ),
        ("sesv2:ListRecommendations", {}),
        (
            "cloudwatch:GetMetricData",
            {"MetricDataQueries": [{"Id": "q", "MetricStat": stat}], "StartTime": 0, "EndTime": 86400},
        ),
        ("ses:GetIdentityDkimAttributes", {"Identities": ["acme.example"]}),
        ("ses:GetIdentityMailFromDomainAttributes", {"Identities": ["acme.example"]}),
        ("ses:GetIdentityVerificationAttributes", {"Identities": ["acme.example"]}),
        ("ses:CreateReceiptRule", {"RuleSetName": "inbound", "Rule": rule}),
        ("ses:UpdateReceiptRule", {"RuleSetName": "inbound", "Rule": rule}),
        ("ses:DescribeReceiptRule", {"RuleSetName": "inbound", "RuleName": "one"}),
        ("ses:DescribeReceiptRuleSet", {"RuleSetName": "inbound"}),
        ("ses:SetActiveReceiptRuleSet", {"RuleSetName": "inbound"}),
        ("ses:DescribeActiveReceiptRuleSet", {}),
        ("ses:ListReceiptRuleSets", {}),
        ("ses:DeleteReceiptRule", {"RuleSetName": "inbound", "RuleName": "one"}),
        ("ses:DeleteReceiptRuleSet", {"RuleSetName": "other"}),
        ("sts:GetCallerIdentity", {}),
        ("tagging:GetResources", {}),
        ("sesv2:DeleteConfigurationSet", news),
        ("sesv2:DeleteDedicatedIpPool", {"PoolName": "txn"}),
        ("sesv2:DeleteEmailIdentity", name),
        ("ses:DeleteIdentity", {"Identity": "acme.example"}),
        ("sesv2:DeleteTenant", {"TenantName": "acme"}),
    ]
    for full_name, parameters in steps:
        service, _, name_of = full_name.partition(":")
        getattr(everywhere[service], snake(name_of))(**parameters)

    assert set(controls.status().calls) == set(HANDLERS)
    assert {call.outcome for call in controls.calls()} == {"ok"}


def test_every_handler_is_an_operation_of_its_model():
    """The table names nothing that the installed models don't know."""
    unknown = [name for name in HANDLERS if operation(*name.split(":")) is None]

    assert unknown == []


def test_literal_routes_come_before_templates():
    """`/tenants/get` isn't taken for a tenant called "get"."""
    patterns = [route.pattern.pattern for route in routes("sesv2")]
    templated = ["(?P<" in pattern for pattern in patterns]

    assert templated == sorted(templated)
    assert sorted(BOTOCORE_NAMES) == ["cloudwatch", "ses", "sesv2", "sts", "tagging"]


def test_arn_in_the_path_is_decoded_after_matching(raw):
    """An ARN's slashes are percent-encoded in the path and don't separate segments."""
    status, code, _ = raw(
        "GET", "/v2/email/reputation/entities/RESOURCE/arn%3Aaws%3Ases%3Aus-east-1%3A1%3Atenant%2Facme%2Ftn-1"
    )

    assert (status, code) == (404, "NotFoundException")


def test_page_size_in_a_query_is_a_number(raw):
    """Query values are text; what is no number is refused as such."""
    assert raw("GET", "/v2/email/dedicated-ip-pools?PageSize=7")[0] == 200
    assert raw("GET", "/v2/email/dedicated-ip-pools?PageSize=many") == (
        400,
        "SerializationException",
        json.dumps({"message": "'many' can not be converted to Integer"}),
    )


def test_lists_are_found_where_older_clients_look(raw):
    """Two lists have moved since botocore 1.43.105; the former places still work."""
    raw("POST", "/v2/email/identities", b'{"EmailIdentity": "acme.example"}')
    status, _, body = raw("GET", "/v2/email/identities?PageSize=5")

    assert (status, [item["IdentityName"] for item in json.loads(body)["EmailIdentities"]]) == (
        200,
        ["acme.example"],
    )
    assert raw("GET", "/v2/email/configuration-sets")[0] == 200


def test_requests_are_validated_behind_the_sdk(clients, refused):
    """Missing members, wrong types and unknown enum values are the service's to refuse, too."""
    careless = clients("sesv2", parameter_validation=False)

    assert refused(careless.create_tenant) == (
        "BadRequestException",
        "1 validation error detected: Value null at 'tenantName' failed to satisfy constraint: "
        "Member must not be null",
    )
    assert refused(careless.create_dedicated_ip_pool, PoolName="txn", ScalingMode="HUGE") == (
        "BadRequestException",
        "1 validation error detected: Value 'HUGE' at 'scalingMode' failed to satisfy constraint: "
        "Member must satisfy enum value set: [STANDARD, MANAGED]",
    )
    assert refused(careless.create_tenant, TenantName=7)[0] == "BadRequestException"


def test_body_that_is_no_json_is_refused(raw):
    """A broken body is named as such."""
    for body in (b"{", b"[]", b"\xff"):
        assert raw("POST", "/v2/email/tenants", body)[:2] == (400, "SerializationException")


def test_unknown_operations_say_what_is_missing(raw, clients, refused):
    """Neither a path that no service has nor an operation that the sandbox doesn't play is silent."""
    status, code, body = raw("GET", "/v2/email/nothing")

    assert (status, code) == (404, "UnknownOperationException")
    assert json.loads(body) == {
        "message": "The sandbox doesn't know GET /v2/email/nothing. docs/sandbox.md lists what it knows."
    }
    assert refused(clients("sesv2").get_blacklist_reports, BlacklistItemNames=["192.0.2.1"]) == (
        "UnknownOperationException",
        "The sandbox doesn't know sesv2:GetBlacklistReports. docs/sandbox.md lists what it knows.",
    )
    assert refused(clients("ses").get_send_quota)[0] == "UnknownOperationException"
    assert raw("POST", "/", b"Action=Nonsense", "sts")[0] == 404


def test_unsigned_request_is_refused(raw):
    """Account and region stand in the signature."""
    assert raw("GET", "/v2/email/account", signed_for=None)[:2] == (
        403,
        "MissingAuthenticationTokenException",
    )


def test_refused_calls_keep_the_connection(raw):
    """One connection serves refusals and answers alike."""
    statuses = [raw("POST", "/v2/email/tenants/get", b'{"TenantName": "nobody"}')[0] for _ in range(3)]

    assert statuses == [404, 404, 404]
