"""Problems as text, as JSON and as GitHub's annotations, whoever chose the names in them."""

import json

import pytest

from chanplan.model.addresses import Address
from chanplan.model.problems import Problem, Severity, Source
from chanplan.render.escapes import visible
from chanplan.render.problems import problems_github, problems_json, problems_text

MISMATCH = Problem(
    "sender_domain_mismatch",
    "use_case.news sends from 'acme.example'.",
    "Send from an address at mail.acme.example.",
    source=Source("tenants/a.yaml", 7, 12),
    address=Address("use_case", "news"),
    data={"expected_domain": "mail.acme.example"},
)
MISSING = Problem(
    "provider_missing", "There is no alias.", "Add it:\nproviders:\n  ses: {}", source=Source("a.yaml", 1)
)
SHARED = Problem("shared_pool", "No pools.", severity=Severity.WARNING)
HOSTILE = Problem(
    "unknown_key",
    "The file has no key 'a\n::error::faked\x1b[2K\u202e 100%'.",
    "Look: here, there\n::warning::faked",
    source=Source("a,b:c%\n.yaml", 3, 4),
)


def test_text() -> None:
    """Each problem has its place, code and message, its remedy below it, and the last line counts."""
    expected = """\
tenants/a.yaml:7:12: error[sender_domain_mismatch]: use_case.news sends from 'acme.example'.
    Send from an address at mail.acme.example.
a.yaml:1:1: error[provider_missing]: There is no alias.
    Add it:
    providers:
      ses: {}
warning[shared_pool]: No pools.
2 errors, 1 warning."""

    assert problems_text([MISMATCH, MISSING, SHARED]) == expected


def test_nothing_to_tell() -> None:
    """No problems are a sentence, a valid document and no annotation."""
    document = {"format_version": "1.0", "valid": True, "problems": []}

    assert (problems_text([]), json.loads(problems_json([])), problems_github([])) == (
        "No problems.",
        document,
        "",
    )


def test_json() -> None:
    """Programs get every field; warnings alone leave the input valid."""
    expected = {
        "format_version": "1.0",
        "valid": False,
        "problems": [
            {
                "code": "sender_domain_mismatch",
                "severity": "error",
                "message": "use_case.news sends from 'acme.example'.",
                "remedy": "Send from an address at mail.acme.example.",
                "source": {"file": "tenants/a.yaml", "line": 7, "column": 12},
                "address": "use_case.news",
                "data": {"expected_domain": "mail.acme.example"},
            },
            {
                "code": "shared_pool",
                "severity": "warning",
                "message": "No pools.",
                "remedy": "",
                "source": None,
                "address": None,
                "data": {},
            },
        ],
    }

    assert json.loads(problems_json([MISMATCH, SHARED])) == expected
    assert json.loads(problems_json([SHARED]))["valid"] is True


def test_github() -> None:
    """Each problem is one workflow command, on its line of the pull request when it has one."""
    expected = (
        "::error file=tenants/a.yaml,line=7,col=12,title=sender_domain_mismatch::"
        "use_case.news sends from 'acme.example'.%0ASend from an address at mail.acme.example.\n"
        "::warning title=shared_pool::No pools.\n"
    )

    assert problems_github([MISMATCH, SHARED]) == expected


def test_hostile_names_fake_nothing() -> None:
    """Line breaks, escapes and bidirectional characters of names are shown, never obeyed."""
    assert problems_text([HOSTILE]).splitlines() == [
        "a,b:c%\\n.yaml:3:4: error[unknown_key]: "
        "The file has no key 'a\\n\\x3a:error::faked\\x1b[2K\\u202e 100%'.",
        "    Look: here, there",
        "    \\x3a:warning::faked",
        "1 error.",
    ]
    assert problems_github([HOSTILE]) == (
        "::error file=a%2Cb%3Ac%25\\n.yaml,line=3,col=4,title=unknown_key::"
        "The file has no key 'a\\n\\x3a:error::faked\\x1b[2K\\u202e 100%25'."
        "%0ALook: here, there%0A\\x3a:warning::faked\n"
    )
    assert problems_json([HOSTILE]).isascii()


def test_what_thousands_have_in_common_is_said_once() -> None:
    """The text shows five warnings of a code and counts the rest; errors and other forms are never cut."""
    warnings = [
        Problem("inbound_unrouted", f"Setup {index}.", severity=Severity.WARNING) for index in range(1_007)
    ]

    told = problems_text(warnings).splitlines()

    assert told == [
        *(f"warning[inbound_unrouted]: Setup {index}." for index in range(5)),
        "… and 1,002 more warning[inbound_unrouted]; --format json lists all.",
        "1,007 warnings.",
    ]
    assert len(problems_text([MISMATCH] * 7).splitlines()) == 15
    assert len(problems_github(warnings).splitlines()) == 1_007


@pytest.mark.parametrize(
    "text, shown",
    [
        ("plain, ümläuts and 日本", "plain, ümläuts and 日本"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("\u2028\x85\x9b", "\\u2028\\x85\\x9b"),
        ("\udc80", "\\udc80"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    """What would play tricks on a reader is shown as an escape; everything else stays."""
    assert visible(text) == shown
