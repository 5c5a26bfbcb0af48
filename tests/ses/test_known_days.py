"""Which days SES tells of, what its words mean, and whose ARN is a tenant's."""

from datetime import UTC, date, datetime

import pytest

from chanplan.model.tier_evidence import Finding, Impact, TenantStanding
from chanplan.providers.ses.arns import tenant_in
from chanplan.providers.ses.mail.account import Account
from chanplan.providers.ses.mail.findings import finding_in
from chanplan.providers.ses.mail.known_days import DayRange, known_days
from chanplan.providers.ses.mail.series import midnight, series_in
from chanplan.providers.ses.mail.standing import impact_of, standing_in

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
ASKED = DayRange(date(2026, 11, 1), date(2026, 11, 29), NOON)


def november(first, last=None):
    """Gives two days of it, or one twice."""
    return (date(2026, 11, first), date(2026, 11, last or first))


@pytest.mark.parametrize(
    "mailed, sent_lately, with_mail, without_mail",
    [
        pytest.param(november(1, 28), True, (1, 29), (1, 29), id="counted from the first day on"),
        pytest.param(november(20, 29), True, (1, 29), (20, 29), id="began to count on the 20th"),
        pytest.param(november(5), False, (1, 29), (5, 29), id="nobody sends any more"),
        pytest.param(november(5, 28), True, (1, 29), (5, 29), id="yesterday is told, today comes later"),
        pytest.param(november(5, 27), True, (1, 27), (5, 27), id="two days late"),
        pytest.param((date(2026, 9, 9),) * 2, False, (1, 29), (1, 29), id="counted long ago"),
        pytest.param((date(2026, 9, 9),) * 2, True, None, None, id="late by months"),
        pytest.param(None, False, (1, 29), None, id="never counted"),
    ],
)
def test_the_accounts_mail_tells_which_days_are_known(mailed, sent_lately, with_mail, without_mail):
    """Days before the first may be of before VDM; days behind the last of an account that sends aren't counted yet."""
    known = known_days(mailed, Account(True, sent_lately), ASKED)

    told = [known.of_sender(ASKED, has_mail=has_mail) for has_mail in (True, False)]

    assert [each and (each[0].day, each[1].day) for each in told] == [with_mail, without_mail]


def test_days_of_long_ago_are_never_late():
    """That mail goes out today says nothing of them."""
    asked = DayRange(date(2026, 10, 1), date(2026, 10, 9), NOON)

    assert known_days(None, Account(True, sent_lately=True), asked).until == date(2026, 10, 9)


@pytest.mark.parametrize(
    "last, end",
    [
        (date(2026, 11, 29), NOON),
        (date(2026, 11, 28), midnight(date(2026, 11, 29))),
        (date(2026, 12, 24), midnight(date(2026, 12, 25))),
    ],
    ids=["today", "yesterday", "by a clock that is ahead of ours"],
)
def test_no_time_to_come_is_asked_for(last, end):
    """Where the last day is today by our clock, the question ends now."""
    assert DayRange(date(2026, 11, 1), last, NOON).end == end


@pytest.mark.parametrize(
    "word, impact",
    [
        (None, Impact.NONE),
        ("NONE", Impact.NONE),
        ("LOW", Impact.LOW),
        ("HIGH", Impact.HIGH),
        ("SEVERE", Impact.UNKNOWN),
    ],
)
def test_words_of_tomorrow_are_unknown(word, impact):
    """SES says NONE although its own model has no such word."""
    assert impact_of(word) is impact


@pytest.mark.parametrize(
    "entity, standing",
    [
        ({}, TenantStanding(Impact.NONE)),
        ({"SendingStatusAggregate": "RESTING"}, TenantStanding(Impact.NONE, sending="RESTING")),
        (
            {"AwsSesManagedStatus": {"Status": "DISABLED"}},
            TenantStanding(Impact.NONE, sending="DISABLED", sending_by_aws="DISABLED"),
        ),
        ({"CustomerManagedStatus": {"Status": "DISABLED"}}, TenantStanding(Impact.NONE, sending="DISABLED")),
        (
            {"CustomerManagedStatus": {"Status": "REINSTATED"}, "AwsSesManagedStatus": {}},
            TenantStanding(Impact.NONE, sending="REINSTATED"),
        ),
    ],
    ids=["nothing said", "a new word", "AWS's status alone", "ours alone", "ours reinstated"],
)
def test_what_an_entity_leaves_out_is_added_up(entity, standing):
    """Either side can stop a tenant; words that this version doesn't know are kept."""
    assert standing_in(entity) == standing


@pytest.mark.parametrize(
    "told, finding",
    [
        ({}, Finding("UNKNOWN", Impact.NONE, NOON)),
        (
            {
                "Type": "BOUNCE",
                "Status": "OPEN",
                "Impact": "HIGH",
                "CreatedTimestamp": midnight(date(2026, 11, 3)),
            },
            Finding("BOUNCE", Impact.HIGH, midnight(date(2026, 11, 3))),
        ),
        (
            {"Type": "SPAMTRAP", "Status": "SNOOZED", "Impact": "MEDIUM"},
            Finding("SPAMTRAP", Impact.UNKNOWN, NOON),
        ),
        (
            {
                "Type": "COMPLAINT",
                "Status": "FIXED",
                "Impact": "LOW",
                "CreatedTimestamp": midnight(date(2026, 11, 3)),
                "LastUpdatedTimestamp": midnight(date(2026, 11, 9)),
            },
            Finding("COMPLAINT", Impact.LOW, midnight(date(2026, 11, 3)), midnight(date(2026, 11, 9))),
        ),
        ({"Status": "FIXED"}, Finding("UNKNOWN", Impact.NONE, NOON, NOON)),
    ],
    ids=["nothing said", "open", "new words", "fixed", "fixed without a time"],
)
def test_only_what_is_fixed_is_over(told, finding):
    """A status that this version doesn't know leaves a finding open."""
    assert finding_in(told, NOON) == finding


@pytest.mark.parametrize(
    "arn, tenant",
    [
        ("arn:aws:ses:us-east-1:123456789012:tenant/acme/tn-1f", "acme"),
        ("arn:aws-cn:ses:cn-north-1:123456789012:tenant/ac-me_1/tn-1f", "ac-me_1"),
        ("arn:aws:ses:us-east-1:123456789012:identity/mail.acme.example", None),
        ("arn:aws:ses:us-east-1:123456789012:tenant/acme", None),
        ("acme", None),
        ("", None),
    ],
)
def test_a_tenant_is_known_by_its_arn(arn, tenant):
    """Findings are also about identities."""
    assert tenant_in(arn) == tenant


@pytest.mark.parametrize(
    "result, series",
    [
        ({}, (0, 0, 0)),
        ({"Timestamps": [NOON], "Values": [3]}, (0, 0, 3)),
        ({"Timestamps": [NOON, midnight(NOON.date())], "Values": [3, 4.0]}, (0, 0, 7)),
        ({"Timestamps": [datetime(2026, 11, 26, 23, tzinfo=UTC)], "Values": [3]}, (0, 0, 0)),
        ({"Timestamps": [datetime(2026, 12, 1, tzinfo=UTC)], "Values": [3]}, (0, 0, 0)),
        ({"Timestamps": [NOON], "Values": []}, None),
        ({"Timestamps": ["today"], "Values": [3]}, None),
        ({"Timestamps": [NOON], "Values": ["three"]}, None),
        ({"Timestamps": [NOON], "Values": [float("nan")]}, None),
        ({"Timestamps": "now", "Values": 3}, None),
    ],
    ids=[
        "none",
        "one",
        "two of a day",
        "before",
        "after",
        "torn",
        "no time",
        "no number",
        "not a number",
        "no lists",
    ],
)
def test_points_are_read_or_the_series_isnt_told(result, series):
    """Half a series would look like days without mail."""
    assert series_in(result, date(2026, 11, 27), ASKED.last) == series
