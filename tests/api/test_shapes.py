"""Bodies and answers, field by field: limits and patterns at their edges, made of the same declarations as the YAML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chanplan.api.bodies import CreateEmailUseCase, CreateSesSetup, CreateVoiceUseCase
from chanplan.model.kinds.ses_setup import SesSetup
from chanplan.model.kinds.use_case import EmailUseCase, InboundVoice
from tests.api.front import SETUP, TWILIO_SETUP

SES = {"tenant_name": "acme", "domain_identity": "mail.acme.example"}
VOICE = {"channel": "inbound_voice", "entity_name": "Acme", "name": "Line", "twilio_setup_id": TWILIO_SETUP}
EMAIL = {
    "channel": "email",
    "entity_name": "Acme",
    "name": "Receipts",
    "ses_setup_id": SETUP,
    "sender_email_address": "receipts@mail.acme.example",
    "email_type": "transactional",
}
LONGEST_DOMAIN = ".".join(["a" * 63] * 3 + ["b" * 61, "c"])

ACCEPTED = [
    (SES, "tenant_name", ["a", "A-b_9", "x" * 64]),
    (SES, "domain_identity", ["a.b", "mail.customer.com", "x-1.y_2.example", LONGEST_DOMAIN]),
    (VOICE, "channel", ["inbound_voice", "outbound_voice", "ringless_voicemail"]),
    *(
        (body, name, ["A", "a-b c", " ", "-", "x" * 31])
        for body in (VOICE, EMAIL)
        for name in ("entity_name", "name")
    ),
    *((body, "description", [None, "", "x" * 2000, "ünï ☎\n"]) for body in (VOICE, EMAIL)),
    (EMAIL, "sender_email_address", ["a@b.c", "first.last+tag@mail.acme.example", "x" * 64 + "@b.c"]),
    (EMAIL, "email_type", ["transactional", "marketing"]),
]
REFUSED = [
    (SES, "tenant_name", ["", "x" * 65, "a b", "a.b", "ä", "a\n", None, 1, True, ["a"], {}]),
    (
        SES,
        "domain_identity",
        [
            "",
            "a",
            ".a.b",
            "a.b.",
            "a..b",
            "-a.b",
            "a-.b",
            "x" * 64 + ".b",
            "a b.c",
            LONGEST_DOMAIN + "c",
            "ä.b",
            "1.2.3.4",
            "mail.example.1",
            None,
            1,
        ],
    ),
    (VOICE, "channel", ["", "fax", "Email", None, 1, [], {}]),
    *(
        (body, name, ["", "x" * 32, "a1", "a_b", "a.b", "é", "a\n", "a\tb", None, 1])
        for body in (VOICE, EMAIL)
        for name in ("entity_name", "name")
    ),
    *((body, "description", ["x" * 2001, 1, ["a"], False]) for body in (VOICE, EMAIL)),
    (
        VOICE,
        "twilio_setup_id",
        ["", "1", None, 1, TWILIO_SETUP[:-1], TWILIO_SETUP + "0", "{" + TWILIO_SETUP + "}"],
    ),
    (EMAIL, "ses_setup_id", ["", None, SETUP.replace("-", "")]),
    (
        EMAIL,
        "sender_email_address",
        ["", "a", "a@", "@b.c", "a b@c.d", "a@b@c.d", ".a@b.c", "a..b@c.d", "x" * 65 + "@b.c", None, 1],
    ),
    (EMAIL, "email_type", ["", "Transactional", "other", None]),
]


def each(rows):
    """Makes one case of each value."""
    return [(body, name, value) for body, name, values in rows for value in values]


def path_of(body):
    """Says where a body is sent."""
    return "/v1/ses-setup" if "tenant_name" in body else "/v1/use-case"


@pytest.fixture(scope="module")
def asked():
    """A client of one server for all values."""
    from tests.api.front import running

    with running() as front:
        yield front.client()


@pytest.mark.parametrize("body,name,value", each(ACCEPTED))
def test_every_edge_within_the_limits_is_accepted(asked, body, name, value):
    """And comes back as it was sent."""
    answer = asked.post(path_of(body), body | {name: value})
    assert answer.status == 201, answer.body
    assert answer.json[name] == value


@pytest.mark.parametrize("body,name,value", each(REFUSED))
def test_every_edge_beyond_the_limits_is_refused(asked, body, name, value):
    """422, and that field alone is named."""
    answer = asked.post(path_of(body), body | {name: value})
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert [(error["where"], error["field"]) for error in answer.json["errors"]] == [("body", name)]


@pytest.mark.parametrize("body,optional", [(SES, set()), (VOICE, {"description"}), (EMAIL, {"description"})])
def test_every_other_field_is_required(asked, body, optional):
    """422 for each that is missing."""
    for name in body:
        answer = asked.post(path_of(body), {key: value for key, value in body.items() if key != name})
        assert (answer.status, answer.code) == (422, "invalid_request")
        assert [(error["field"], error["code"]) for error in answer.json["errors"]] == [(name, "missing")]
    assert "description" not in body
    assert optional <= {"description"}


@pytest.mark.parametrize("body,strangers", [(VOICE, EMAIL), (EMAIL, VOICE)])
def test_fields_of_the_other_sort_of_channel_are_unknown(asked, body, strangers):
    """The union is told apart by `channel` alone."""
    for name in strangers.keys() - body.keys():
        answer = asked.post("/v1/use-case", body | {name: strangers[name]})
        assert [(error["field"], error["code"]) for error in answer.json["errors"]] == [
            (name, "unknown_field")
        ]


def test_the_answers_have_every_field_and_no_other(asked):
    """`description` is null, not missing."""
    voice, email = asked.post("/v1/use-case", VOICE).json, asked.post("/v1/use-case", EMAIL).json
    common = ["id", "entity_name", "name", "description", "channel"]
    times = ["created_at", "updated_at"]
    assert list(voice) == [*common, "twilio_setup_id", *times]
    assert list(email) == [
        *common,
        *("ses_setup_id", "configuration_set_name", "sender_email_address", "email_type", "tier"),
        *times,
    ]
    assert voice["description"] is None
    setup = asked.post("/v1/ses-setup", SES).json
    assert list(setup) == ["id", "tenant_name", "domain_identity", "dns_checked_at", "dns_records", *times]
    assert setup["dns_checked_at"] is None
    assert list(setup["dns_records"][0]) == ["address", "record", "type", "verified"]
    (item,) = asked.get("/v1/ses-setup").json["items"]
    assert list(item) == ["id", "tenant_name", "domain_identity", "dns_verified", "dns_checked_at", *times]


@pytest.mark.parametrize(
    "sent,declared,names",
    [
        (CreateSesSetup, SesSetup, ("tenant_name", "domain_identity")),
        (CreateVoiceUseCase, InboundVoice, ("entity_name", "name", "description")),
        (
            CreateEmailUseCase,
            EmailUseCase,
            ("entity_name", "name", "description", "sender_email_address", "email_type"),
        ),
    ],
)
def test_the_limits_are_those_of_the_yaml(sent, declared, names):
    """Field by field the same schema, but for the words that describe it."""
    words = {"description", "title", "default", "patternErrorMessage"}

    def limits(model, name):
        schema = TypeAdapter(model).json_schema()["properties"][name]
        return {key: value for key, value in schema.items() if key not in words}

    for name in names:
        extra = {"pattern"} if name == "domain_identity" else set()
        own = {key: value for key, value in limits(sent, name).items() if key not in extra}
        assert own == limits(declared, name), name


@given(st.data())
def test_the_pattern_of_a_domain_says_what_the_yaml_takes(data):
    """Whatever fits it is a domain, and what doesn't isn't."""
    described = TypeAdapter(CreateSesSetup).json_schema()["properties"]["domain_identity"]
    domain = data.draw(
        st.from_regex(described["pattern"], fullmatch=True)
        | st.text("aZ0_-. ä\n", max_size=12)
        | st.text("a-.", max_size=70)
    )
    fits = re.search(described["pattern"].replace("$", r"\Z"), domain) is not None and len(domain) <= 255
    try:
        CreateSesSetup(tenant_name="a", domain_identity=domain)
    except ValidationError:
        assert not fits
    else:
        assert fits
