"""Requests, answers and refusals are held against botocore's model; what the sandbox does wrong itself fails whoever runs it."""

import http.client
import json

import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.errors import Mistaken
from chanplan.sandbox.server import Behaviour, Sandbox
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.operations import HANDLERS
from chanplan.sandbox.state.mistakes import FILE_NAME, Mistakes
from chanplan.sandbox.wire.aws.model import operation
from chanplan.sandbox.wire.aws.refusals import violation
from chanplan.sandbox.wire.aws.validation import answer_violations, refused_as, violations
from tests import mistakes
from tests.sandbox.conftest import Clients

SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=sandbox/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
)
TENANT = {
    "TenantName": "acme",
    "TenantId": "tn-1",
    "TenantArn": "arn:aws:ses:us-east-1:123456789012:tenant/acme/tn-1",
    "CreatedTimestamp": 1.5,
    "Tags": [{"Key": "team", "Value": "growth"}],
    "SendingStatus": "ENABLED",
}
"""An answer of CreateTenant that is as it should be."""


@pytest.fixture
def post(sandbox):
    """Posts a body to a path, signed for a service, and returns status and error code."""

    def send(path, body, signed_for="ses", **headers):
        connection = http.client.HTTPConnection(sandbox.endpoint.removeprefix("http://"))
        signature = {"Authorization": SIGNATURE.format(signed_for)}
        connection.request("POST", path, body, {**signature, **headers})
        answer = connection.getresponse()
        code, text = answer.headers.get("x-amzn-ErrorType"), answer.read().decode()
        connection.close()
        return answer.status, code, text

    return send


def said(operation_name, values):
    """Returns what is wrong with parameters, each fault by itself."""
    text = refused_as(operation(*operation_name.split(":")), values)
    return [] if text is None else text.partition("detected: ")[2].split("; ")


@pytest.mark.parametrize(
    "values, places",
    [
        ({}, ["tenantName' failed to satisfy constraint: Member must not be null"]),
        (
            {"TenantName": ""},
            ["tenantName' failed to satisfy constraint: Member must have length greater than or equal to 1"],
        ),
        ({"TenantName": 7}, ["tenantName' failed to satisfy constraint: Member must be of the type string"]),
        (
            {"TenantName": "a", "Tags": {}},
            ["tags' failed to satisfy constraint: Member must be of the type list"],
        ),
        (
            {"TenantName": "a", "Tags": [{"Key": "k"}]},
            ["tags.1.member.value' failed to satisfy constraint: Member must not be null"],
        ),
        (
            {"TenantName": "a", "Tags": [{"Key": "k", "Value": "v", "Colour": "x"}]},
            ["tags.1.member.colour' failed to satisfy constraint: Member must be one of: Key, Value"],
        ),
        (
            {"TenantName": "a", "SuppressionAttributes": {"SuppressedReasons": ["RAIN"]}},
            [
                "suppressionAttributes.suppressedReasons.1.member' failed to satisfy constraint: "
                "Member must satisfy enum value set: [BOUNCE, COMPLAINT]"
            ],
        ),
    ],
)
def test_each_constraint_on_a_request_is_checked(values, places):
    """Missing, empty, wrongly typed, unknown and unlisted: each is named with its place."""
    assert [text.partition(" at '")[2] for text in said("sesv2:CreateTenant", values)] == places


@pytest.mark.parametrize(
    "operation_name, values, constraint",
    [
        (
            "sesv2:PutEmailIdentityDkimSigningAttributes",
            {
                "EmailIdentity": "a.example",
                "SigningAttributesOrigin": "EXTERNAL",
                "SigningAttributes": {"DomainSigningSelector": "-a-"},
            },
            "satisfy regular expression pattern: ^(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\\-]*[a-zA-Z0-9]))$",
        ),
        (
            "sesv2:PutEmailIdentityDkimSigningAttributes",
            {
                "EmailIdentity": "a.example",
                "SigningAttributesOrigin": "EXTERNAL",
                "SigningAttributes": {"DomainSigningSelector": "a" * 64},
            },
            "have length less than or equal to 63",
        ),
        (
            "sesv2:PutConfigurationSetDeliveryOptions",
            {"ConfigurationSetName": "a", "MaxDeliverySeconds": 299},
            "have value greater than or equal to 300",
        ),
        (
            "sesv2:PutConfigurationSetDeliveryOptions",
            {"ConfigurationSetName": "a", "MaxDeliverySeconds": 50_401},
            "have value less than or equal to 50400",
        ),
        (
            "sesv2:PutConfigurationSetSendingOptions",
            {"ConfigurationSetName": "a", "SendingEnabled": 1},
            "be of the type boolean",
        ),
        (
            "sesv2:PutConfigurationSetDeliveryOptions",
            {"ConfigurationSetName": "a", "MaxDeliverySeconds": True},
            "be of the type long",
        ),
        (
            "sesv2:ListTenants",
            {"Filter": {"COLOUR": "red"}},
            "satisfy enum value set: [TENANT_NAME_CONTAINS, SENDING_STATUS]",
        ),
        (
            "tagging:GetResources",
            {"TagFilters": [{"Key": "k", "Values": ["v"] * 21}]},
            "have length less than or equal to 20",
        ),
    ],
)
def test_bounds_patterns_and_kinds_are_checked(operation_name, values, constraint):
    """Upper and lower bounds, patterns, the keys of maps, and a truth value is no number."""
    assert [text.partition("Member must ")[2] for text in said(operation_name, values)] == [constraint]


def test_sensitive_values_arent_repeated():
    """A private key that doesn't fit its pattern stays out of the message, however short it is."""
    values = {
        "EmailIdentity": "a.example",
        "SigningAttributesOrigin": "EXTERNAL",
        "SigningAttributes": {"DomainSigningPrivateKey": "s3cret!"},
    }
    (text,) = said("sesv2:PutEmailIdentityDkimSigningAttributes", values)

    assert text == (
        "Value at 'signingAttributes.domainSigningPrivateKey' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[a-zA-Z0-9+\\/]+={0,2}$"
    )


def test_unknown_members_are_refused_in_every_format(post):
    """The services pass over them; here they are a misspelt name that would be lost silently."""
    tagged = {"X-Amz-Target": "ResourceGroupsTaggingAPI_20170126.GetResources"}

    assert post("/v2/email/tenants/get", b'{"TenantName": "a", "tenantname": "a"}')[:2] == (
        400,
        "BadRequestException",
    )
    assert post("/v2/email/tenants/get?TenantName=a", b'{"TenantName": "a"}')[:2] == (
        400,
        "BadRequestException",
    )
    status, _, text = post("/", b'{"TagFilter": []}', "tagging", **tagged)
    assert (status, json.loads(text)["__type"]) == (400, "InvalidParameterException")
    status, _, text = post("/", b"Action=DescribeReceiptRuleSet&RuleSetName=a&RuleSet=b")
    assert (status, "<Code>ValidationError</Code>" in text) == (400, True)


def test_truth_values_are_true_or_false(post):
    """Anything else isn't taken for false."""
    rule = b"Action=CreateReceiptRule&RuleSetName=a&Rule.Name=b&Rule.Enabled=yes"
    status, _, text = post("/", rule)

    assert (status, "<Code>MalformedInput</Code>" in text) == (400, True)


@pytest.mark.parametrize(
    "change, path",
    [
        ({"TenantNam": "acme"}, "TenantNam"),
        ({"TenantName": 7}, "TenantName"),
        ({"TenantName": ""}, "TenantName"),
        ({"CreatedTimestamp": "yesterday"}, "CreatedTimestamp"),
        ({"Tags": [{"Key": "a"}]}, "Tags.[].Value"),
        ({"Tags": {"a": "b"}}, "Tags"),
        ({"SendingStatus": "SLEEPING"}, "SendingStatus"),
        (
            {"SuppressionAttributes": {"SuppressedReasons": ["RAIN"]}},
            "SuppressionAttributes.SuppressedReasons.[]",
        ),
    ],
)
def test_each_constraint_on_an_answer_is_checked(change, path):
    """The same rules hold both ways."""
    broken = answer_violations(operation("sesv2", "CreateTenant"), {**TENANT, **change})

    assert answer_violations(operation("sesv2", "CreateTenant"), TENANT) == []
    assert [each.path for each in broken] == [path]


def test_an_answer_without_a_shape_is_empty():
    """Nothing may be said where the model has no members."""
    described = operation("ses", "DescribeReceiptRule")

    assert answer_violations(described, {"Rule": {}})[0].path == "Rule.Name"
    assert answer_violations(operation("sesv2", "DeleteTenant"), {"Gone": True})[0].path == "Gone"


@pytest.mark.parametrize("name", HANDLERS)
def test_botocores_own_validator_agrees(name):
    """On what it knows, the client's validator finds the same in an empty request and in one of the wrong types."""
    shape = operation(*name.split(":")).input_shape
    wrong = {} if shape is None else {member: object() for member in shape.members}

    assert [bool(list(violations(shape, values))) for values in ({}, wrong) if shape is not None] == [
        ParamValidator().validate(values, shape).has_errors() for values in ({}, wrong) if shape is not None
    ]


@pytest.mark.parametrize(
    "service, name, code, status, wrong",
    [
        ("sesv2", "GetTenant", "NotFoundException", 404, None),
        (
            "sesv2",
            "GetTenant",
            "NotFoundException",
            400,
            "sesv2:GetTenant refuses with NotFoundException by 404, not 400",
        ),
        (
            "sesv2",
            "GetTenant",
            "AlreadyExistsException",
            400,
            "sesv2:GetTenant never refuses with AlreadyExistsException",
        ),
        ("sesv2", "GetTenant", "TooManyRequestsException", 429, None),
        ("ses", "CreateReceiptRuleSet", "AlreadyExists", 400, None),
        ("ses", "CreateReceiptRuleSet", "AlreadyExistsException", 400, None),
        (
            "ses",
            "ListReceiptRuleSets",
            "RuleSetDoesNotExist",
            400,
            "ses:ListReceiptRuleSets never refuses with RuleSetDoesNotExist",
        ),
        (
            "sts",
            "GetCallerIdentity",
            "NoSuchThing",
            400,
            "sts:GetCallerIdentity never refuses with NoSuchThing",
        ),
        ("tagging", "GetResources", "PaginationTokenExpiredException", 400, None),
    ],
)
def test_refusals_are_those_of_the_model(service, name, code, status, wrong):
    """A code is one that the operation's model names, or one that every operation has, with its status."""
    assert violation(operation(service, name), code, status) == wrong


def broken_answer(call):
    """Does its work, then misspells what it answers."""
    call.put("ses.tenant", call.params["TenantName"], {"TenantName": call.params["TenantName"]})
    return {"TenantNam": call.params["TenantName"]}


def broken_refusal(call):
    """Refuses with a code that the operation doesn't have."""
    from chanplan.sandbox.services.call import not_found

    raise not_found(call.params["TenantName"])


def broken_inside(call):
    """Fails."""
    return call.params["TenantNam"]


def broken_look_up(state, name, kind):
    """Fails, too."""
    raise KeyError(name)


@pytest.mark.parametrize(
    "handler, mistake",
    [
        (
            broken_answer,
            "POST /v2/email/tenants: ModelBroken(\"sesv2:CreateTenant can't answer this: Value at 'tenantNam' failed to "
            "satisfy constraint: Member must be one of: TenantName, TenantId, TenantArn, CreatedTimestamp, Tags, "
            'SendingStatus, SuppressionAttributes")',
        ),
        (
            broken_refusal,
            "POST /v2/email/tenants: ModelBroken('sesv2:CreateTenant never refuses with NotFoundException')",
        ),
        (broken_inside, "POST /v2/email/tenants: KeyError('TenantNam')"),
    ],
)
def test_a_mistake_of_the_sandbox_fails_whoever_stops_it(directory, session, handler, mistake):
    """Its client may take the answer for weather; so the sandbox's end is an error, a file says why, nothing was done."""
    behaviour = Behaviour(aws={**HANDLERS, "sesv2:CreateTenant": handler})
    sandbox = Sandbox(directory, behaviour=behaviour).start()
    clients = Clients(session, sandbox.environment())
    with pytest.raises(ClientError) as refusal:
        clients("sesv2").create_tenant(TenantName="acme")
    clients.close()
    with pytest.raises(Mistaken) as error:
        sandbox.stop()
    with Controls(directory) as controls:
        controls.reset()
        noted, holdings = controls.mistakes(), controls.status().holdings
    (directory / FILE_NAME).unlink()

    assert refusal.value.response["Error"]["Code"] == "InternalFailure"
    assert str(error.value).splitlines()[1:] == [mistake]
    assert (noted, holdings) == ([mistake], ())


@pytest.mark.parametrize(
    "name, call, result, wrong",
    [
        ("sesv2:GetAccount", ("sesv2", "get_account"), {"SendingEnabled": "yes"}, "sendingEnabled"),
        ("ses:ListReceiptRuleSets", ("ses", "list_receipt_rule_sets"), {"RuleSets": {}}, "ruleSets"),
        ("sts:GetCallerIdentity", ("sts", "get_caller_identity"), {"Account": 123456789012}, "account"),
        (
            "tagging:GetResources",
            ("resourcegroupstaggingapi", "get_resources"),
            {"ResourceTagMappingList": [{"Tags": [{"Key": "team"}]}]},
            "resourceTagMappingList.1.member.tags.1.member.value",
        ),
    ],
)
def test_a_broken_answer_is_sent_on_no_wire(directory, session, name, call, result, wrong):
    """REST with JSON, forms with XML (of both services that speak it) and JSON-RPC: the client hears of an error."""
    behaviour = Behaviour(aws={**HANDLERS, name: lambda _: result})
    sandbox = Sandbox(directory, behaviour=behaviour).start()
    clients = Clients(session, sandbox.environment())
    with pytest.raises(ClientError) as refusal:
        getattr(clients(call[0]), call[1])()
    clients.close()
    with pytest.raises(Mistaken) as error:
        sandbox.stop()
    (directory / FILE_NAME).unlink()

    answered = refusal.value.response
    assert answered["Error"]["Code"] == "InternalFailure"
    assert answered["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert f"{name} can't answer this: " in str(error.value)
    assert f"at '{wrong}' failed" in str(error.value)


def test_a_mistake_in_the_file_fails_one_test_once(tmp_path):
    """The test that it served fails by the file, also when it was killed before it could say anything."""
    Mistakes(tmp_path).note("POST /: KeyError('x')")

    assert mistakes.found(tmp_path) == "\"POST /: KeyError('x')\"\n"
    assert mistakes.found(tmp_path) == ""
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_mistake_of_the_name_server_is_noted(directory):
    """The asker hears nothing, and the sandbox's end is an error."""
    import dns.exception
    import dns.message
    import dns.query

    sandbox = Sandbox(directory, behaviour=Behaviour(look_up=broken_look_up)).start()
    host, _, port = sandbox.nameserver.partition(":")
    with pytest.raises(dns.exception.Timeout):
        dns.query.udp(dns.message.make_query("acme.example", "TXT"), host, port=int(port), timeout=0.3)
    with pytest.raises(Mistaken) as error:
        sandbox.stop()
    (directory / FILE_NAME).unlink()

    assert "A question to the name server: " in str(error.value)


def test_places_beyond_the_model_are_needed(clients, sesv2, ses):
    """Each place where an answer may break its model is one where the sandbox's answer does."""
    arn = sesv2.create_tenant(TenantName="acme")["TenantArn"]
    sesv2.create_email_identity(EmailIdentity="acme.example")
    identity = "arn:aws:ses:us-east-1:123456789012:identity/acme.example"
    sesv2.create_tenant_resource_association(TenantName="acme", ResourceArn=identity)
    answers = {
        "ses:GetIdentityMailFromDomainAttributes": ses.get_identity_mail_from_domain_attributes(
            Identities=["acme.example"]
        ),
        "sesv2:GetReputationEntity": sesv2.get_reputation_entity(
            ReputationEntityType="RESOURCE", ReputationEntityReference=arn
        ),
        "sesv2:ListReputationEntities": sesv2.list_reputation_entities(),
        "sesv2:ListTenantResources": sesv2.list_tenant_resources(TenantName="acme"),
    }
    broken = {
        f"{name} {found.path}"
        for name, answer in answers.items()
        for found in violations(operation(*name.split(":")).output_shape, stripped(answer))
    }

    assert broken == quirks.BEYOND_THE_MODEL.value


def stripped(answer):
    """Returns an answer without what boto3 adds, its times as they were sent."""
    text = json.dumps(
        {name: value for name, value in answer.items() if name != "ResponseMetadata"},
        default=lambda time: time.timestamp(),
    )
    return json.loads(text)
