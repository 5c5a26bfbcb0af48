"""`${env:NAME}` in plain fields, and what a secret field takes."""

import pytest

from chanplan.config.environment import Resolved, resolve, secret_variable
from chanplan.config.variables import Unresolved, Variables

ENVIRONMENT = {"NAME": "acme", "EMPTY": "", "NESTED": "${env:NAME}", "BYTES": "\udcff"}


@pytest.mark.parametrize(
    "text, resolved",
    [
        ("${env:NAME}", "acme"),
        ("mail.${env:NAME}.example", "mail.acme.example"),
        ("${env:NAME}${env:NAME}", "acmeacme"),
        ("${env:EMPTY}", ""),
        ("${env:NESTED}", "${env:NAME}"),
        ("$${env:NAME}", "${env:NAME}"),
        ("$${env:NAME}-${env:NAME}", "${env:NAME}-acme"),
        ("$${env:", "${env:"),
        ("${other}", "${other}"),
        ("$NAME", "$NAME"),
    ],
)
def test_resolved(text: str, resolved: str) -> None:
    """References become values, once; an escaped one becomes itself."""
    assert resolve(text, Variables(ENVIRONMENT)) == Resolved(resolved)


@pytest.mark.parametrize(
    "text, code",
    [
        ("${env:UNSET}", "environment_unset"),
        ("${env:NAME} ${env:UNSET}", "environment_unset"),
        ("${env:}", "environment_malformed"),
        ("${env:A B}", "environment_malformed"),
        ("${env:1A}", "environment_malformed"),
        ("${env:NAME", "environment_malformed"),
        ("${env:BYTES}", "environment_not_utf8"),
    ],
)
def test_unresolved(text: str, code: str) -> None:
    """What can't be resolved has a code and a remedy, and quotes no value."""
    outcome = resolve(text, Variables(ENVIRONMENT))

    assert isinstance(outcome, Unresolved)
    assert (outcome.code, bool(outcome.remedy), "acme" in outcome.message) == (code, True, False)


@pytest.mark.parametrize(
    "text, variable",
    [
        ("${env:TWILIO_AUTH_TOKEN}", "TWILIO_AUTH_TOKEN"),
        ("0123456789abcdef", None),
        ("", None),
        ("x${env:TOKEN}", None),
        ("${env:TOKEN}\n", None),
        ("${env:A}${env:B}", None),
        ("$${env:A}", None),
    ],
)
def test_secret(text: str, variable: str | None) -> None:
    """A secret field takes one reference and nothing beside it."""
    assert secret_variable(text) == variable
