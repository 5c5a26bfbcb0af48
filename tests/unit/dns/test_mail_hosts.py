"""Whose mail is at stake."""

import pytest

from chanplan.providers.dns.mail_hosts import owners, provider_of


@pytest.mark.parametrize(
    "host, provider",
    [
        ("aspmx.l.google.com", "Google Workspace"),
        ("ACME-example.mail.protection.OUTLOOK.com.", "Microsoft 365"),
        ("acme-example.a-v1.mx.microsoft", "Microsoft 365"),
        ("inbound-smtp.eu-west-1.amazonaws.com", "Amazon SES or WorkMail"),
        ("mx.notgoogle.com", None),
        ("mail.acme.example", None),
    ],
)
def test_provider_is_known_by_its_hosts(host, provider):
    """A suffix counts from a dot on, in any case."""
    actual = provider_of(host)

    assert actual == provider


def test_hosts_are_named_once_per_provider():
    """People know the provider's name; the hosts say which mail servers exactly."""
    text = owners(["aspmx.l.google.com", "mx.acme.example", "alt1.aspmx.l.google.com"])

    assert text == "Google Workspace (aspmx.l.google.com, alt1.aspmx.l.google.com) and mx.acme.example"
