"""`sandbox metrics`, `findings`, `pause`, `reinstate` and `impact`: mail and AWS's opinion of it, set by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.mail_controls import Place
from chanplan.sandbox.state.mail import Counts
from tests.cli.desk import SETUP, Desk

RECEIPTS = "use_case.receipts"
SET = Place("123456789012", "us-east-1", "acme_receipts")
OFF = (
    "Note: Virtual Deliverability Manager is off in us-east-1, so SES tells none of it."
    " Turn it on with `chanplan sandbox metrics vdm on`.\n"
)


def counts_of(desk, place=SET):
    """Gives the counts of a set as the sandbox has them."""
    with Controls(desk.folder / ".chanplan" / "sandbox") as controls:
        return controls.mail.of(place).days


def today_of(desk):
    """Gives the day on the sandbox's clock."""
    with Controls(desk.folder / ".chanplan" / "sandbox") as controls:
        return controls.mail.today()


def test_counts_of_a_use_case_s_days(mailing: Desk):
    """A range with all counts; deliveries follow from the bounces; what isn't named stays."""
    mailing.run("sandbox", "metrics", "vdm", "on")
    done = mailing.run(
        "sandbox", "metrics", "set", RECEIPTS,
        "--sends", "500", "--bounces", "3", "--transient", "2", "--from", "2026-11-01", "--to", "2026-11-14",
    )  # fmt: skip

    assert (done.code, done.out, done.err) == (
        0,
        "use_case.receipts (acme_receipts): 500 sends, 495 deliveries, 3 bounces, 2 transient bounces, 0 complaints"
        " on each of 14 days, 2026-11-01 to 2026-11-14.\n",
        "",
    )
    assert counts_of(mailing) == {date(2026, 11, day): Counts(500, 495, 3, 2, 0) for day in range(1, 15)}

    more = mailing.run("sandbox", "metrics", "set", RECEIPTS, "--complaints", "1", "--on", "2026-11-07")

    assert more.out == (
        "use_case.receipts (acme_receipts): 500 sends, 495 deliveries, 3 bounces, 2 transient bounces, 1 complaint"
        " on 2026-11-07.\n"
    )
    assert counts_of(mailing)[date(2026, 11, 7)] == Counts(500, 495, 3, 2, 1)


@pytest.mark.parametrize(
    "options, back",
    [
        ((), (0, 0)),
        (("--on", "yesterday"), (1, 1)),
        (("--days", "7"), (6, 0)),
        (("--from", "yesterday"), (1, 0)),
        (("--from", "yesterday", "--to", "tomorrow"), (1, -1)),
        (("--to", "yesterday", "--days", "3"), (3, 1)),
        (("--from", "today", "--days", "30"), (0, -29)),
    ],
)
def test_days_are_those_of_the_sandbox_s_clock(mailing: Desk, options, back):
    """Today is today there, wherever its clock was moved to."""
    mailing.run("sandbox", "clock", "100d")
    assert mailing.run("sandbox", "metrics", "set", RECEIPTS, "--sends", "1", *options).code == 0

    today = today_of(mailing)
    found = list(counts_of(mailing))
    assert (found[0], found[-1]) == (today - timedelta(back[0]), today - timedelta(back[1]))
    assert today >= datetime.now(UTC).date() + timedelta(100)


@pytest.mark.parametrize(
    "arguments, code, says",
    [
        ((RECEIPTS,), 1, "Give a count: --sends, --deliveries, --bounces, --transient or --complaints."),
        ((RECEIPTS, "--sends", "-1"), 1, "-1 is not in the range 0<=x<=1000000000"),
        ((RECEIPTS, "--sends", "many"), 1, "'many' is not a valid integer range"),
        ((RECEIPTS, "--sends", "1", "--on", "monday"), 1, "'monday' isn't a day: write 2026-11-01, or one of yesterday"),
        ((RECEIPTS, "--sends", "1", "--on", "2026-02-30"), 1, "'2026-02-30' isn't a day"),
        ((RECEIPTS, "--sends", "1", "--on", "today", "--days", "3"), 1, "--on is one day; leave out --from"),
        ((RECEIPTS, "--sends", "1", "--from", "today", "--to", "yesterday"), 1, "is after the last"),
        (
            (RECEIPTS, "--sends", "1", "--from", "today", "--to", "today", "--days", "1"),
            1,
            "Of --from, --to and --days, give two at most.",
        ),
        ((RECEIPTS, "--sends", "1", "--from", "2020-01-01", "--to", "2026-01-01"), 1, "more than 1,000 days"),
        (("use_case.nobody", "--sends", "1"), 1, "use_case.nobody isn't made yet, or isn't in the state."),
        ((SETUP, "--sends", "1"), 1, "ses_setup.acme-mail isn't an email use case."),
        (("use-case.receipts", "--sends", "1"), 1, "'use-case.receipts' isn't an address"),
        (("nobody", "--sends", "1"), 1, "The sandbox's SES has no configuration set nobody."),
        (("acme_receipts", "--sends", "1", "--region", "eu-west-1"), 1, "no configuration set acme_receipts in eu-west-1"),
        ((), 1, "Missing argument 'TARGET...'"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_changes_nothing(mailing: Desk, arguments, code, says):
    """With what is wrong, and what to write instead."""
    done = mailing.run("sandbox", "metrics", "set", *arguments)

    assert (done.code, says in done.said, counts_of(mailing)) == (code, True, {}), done.said


def test_more_bounces_than_sends_are_kept_and_said(mailing: Desk):
    """A bounce may come days after its mail; a typing error should show all the same."""
    mailing.run("sandbox", "metrics", "vdm", "on")
    done = mailing.run(
        "sandbox", "metrics", "set", RECEIPTS, "--sends", "3", "--bounces", "5", "--on", "2026-11-01"
    )
    also = mailing.run("sandbox", "metrics", "set", RECEIPTS, "--complaints", "2", "--on", "2026-11-02")

    assert (done.code, done.err) == (
        0,
        "Note: use_case.receipts has more bounces than sends on 2026-11-01. They may be about earlier mail, so that stands.\n",
    )
    assert "more complaints than deliveries on 2026-11-02" in also.err
    assert counts_of(mailing)[date(2026, 11, 1)] == Counts(3, 0, 5)


def test_a_set_by_its_own_name(mailing: Desk):
    """Without any configuration; and it says when nobody will hear of it."""
    done = mailing.run(
        "--config", "nowhere.yaml", "sandbox", "metrics", "set", "acme_receipts", "--sends", "9"
    )

    assert (done.code, done.err, list(counts_of(mailing).values())) == (0, OFF, [Counts(9, 9)])
    assert done.out.startswith("acme_receipts: 9 sends, 9 deliveries, 0 bounces, 0 complaints on ")


def test_counts_are_shown(mailing: Desk):
    """As a table with a total, as JSON, or that there are none."""
    assert mailing.run("sandbox", "metrics", "show").out == "No mail was set.\n"
    mailing.run("sandbox", "metrics", "vdm", "on")
    mailing.run(
        "sandbox", "metrics", "set", RECEIPTS, "--sends", "500", "--from", "2026-11-01", "--days", "2"
    )
    mailing.run("sandbox", "metrics", "set", RECEIPTS, "--bounces", "20", "--on", "2026-11-02")
    mailing.run("sandbox", "metrics", "events", "on", RECEIPTS)
    mailing.run("sandbox", "metrics", "refuse", RECEIPTS, "--code", "ACCESS_DENIED")

    assert mailing.run("sandbox", "metrics", "show").out == (
        "acme_receipts in 123456789012 us-east-1 (VDM on, event destination, queries refused with ACCESS_DENIED)\n"
        "DAY         SENDS  DELIVERIES  BOUNCES  TRANSIENT  COMPLAINTS\n"
        "2026-11-01  500    500         0        0          0\n"
        "2026-11-02  500    480         20       0          0\n"
        "total       1000   980         20       0          0\n"
    )
    shown = mailing.run(
        "sandbox", "metrics", "show", RECEIPTS, "--on", "2026-11-02", "--format", "json"
    ).document
    assert shown == {
        "sets": [
            {
                "configuration_set": "acme_receipts",
                "account": "123456789012",
                "region": "us-east-1",
                "vdm": True,
                "event_destination": True,
                "refused": "ACCESS_DENIED",
                "days": [
                    {
                        "day": "2026-11-02",
                        "sends": 500,
                        "deliveries": 480,
                        "bounces": 20,
                        "transient_bounces": 0,
                        "complaints": 0,
                    }
                ],
            }
        ]
    }


def test_what_was_set_is_taken_back(mailing: Desk):
    """Some days, or all; event destinations and refusals too."""
    mailing.run("sandbox", "metrics", "set", RECEIPTS, "--sends", "5", "--from", "2026-11-01", "--days", "5")
    mailing.run("sandbox", "metrics", "events", "on", RECEIPTS)
    mailing.run("sandbox", "metrics", "refuse", RECEIPTS, "--code", "INTERNAL_FAILURE")

    said = [
        mailing.run("sandbox", "metrics", *arguments).out
        for arguments in (
            ("clear", RECEIPTS, "--on", "2026-11-03"),
            ("clear", RECEIPTS),
            ("events", "off", RECEIPTS),
            ("refuse", RECEIPTS, "--code", "none"),
            ("vdm", "off", "--region", "us-east-1"),
            ("show", RECEIPTS),
        )
    ]

    assert said == [
        "use_case.receipts (acme_receipts): the counts of 1 day are gone.\n",
        "use_case.receipts (acme_receipts): the counts of 4 days are gone.\n",
        "use_case.receipts (acme_receipts): CloudWatch hasn't its counts.\n",
        "use_case.receipts (acme_receipts): queries for its metrics are answered.\n",
        "Virtual Deliverability Manager is off in 123456789012 us-east-1.\n",
        "acme_receipts in 123456789012 us-east-1 (VDM off)\nno mail\n",
    ]


def test_findings_and_pauses_of_a_setup_s_tenant(mailing: Desk):
    """An incident from its finding to its end."""
    said = [
        mailing.run("sandbox", *arguments).out
        for arguments in (
            ("findings", "list", SETUP),
            ("findings", "open", SETUP, "bounce", "--impact", "high", "--says", "15 % of 664"),
            ("findings", "list", SETUP),
            ("pause", SETUP, "--cause", "Bounces."),
            ("reinstate", SETUP),
            ("findings", "close", SETUP, "COMPLAINT"),
            ("findings", "close", SETUP),
            ("findings", "list", SETUP),
            ("reinstate", SETUP),
            ("impact", SETUP, "low"),
        )
    ]

    assert said == [
        "ses_setup.acme-mail: nothing was found.\n",
        "ses_setup.acme-mail: AWS found BOUNCE, impact HIGH, about tenant acme.\n",
        "ses_setup.acme-mail: BOUNCE, impact HIGH, OPEN: 15 % of 664\n",
        "ses_setup.acme-mail: AWS paused tenant acme.\n",
        "ses_setup.acme-mail: AWS lets tenant acme send; its status is REINSTATED.\n",
        "ses_setup.acme-mail: 0 findings closed.\n",
        "ses_setup.acme-mail: 1 finding closed.\n",
        "ses_setup.acme-mail: BOUNCE, impact HIGH, FIXED: 15 % of 664\n",
        "ses_setup.acme-mail: AWS lets tenant acme send; its status is ENABLED.\n",
        "ses_setup.acme-mail: the reputation impact of tenant acme is LOW.\n",
    ]


@pytest.mark.parametrize(
    "arguments, says",
    [
        (
            ("findings", "open", RECEIPTS, "BOUNCE"),
            "use_case.receipts isn't a setup of SES, which has a tenant.",
        ),
        (("findings", "open", SETUP, "DKIM"), "'DKIM' is not one of 'bounce', 'complaint'"),
        (("pause", "ses_setup.nobody"), "ses_setup.nobody isn't made yet, or isn't in the state."),
        (("impact", SETUP, "medium"), "'medium' is not one of 'none', 'low', 'high'"),
        (("reinstate",), "Missing argument 'SETUPS...'"),
    ],
)
def test_tenants_are_named_by_their_setups(mailing: Desk, arguments, says):
    """Anything else is refused, with what to write."""
    done = mailing.run("sandbox", *arguments)

    assert (done.code, says in done.said) == (1, True), done.said


def test_status_and_reset_know_of_mail(mailing: Desk):
    """A line for each account and region; gone with everything else."""
    mailing.run("sandbox", "metrics", "set", RECEIPTS, "--sends", "5", "--days", "3")
    mailing.run("sandbox", "findings", "open", SETUP, "BOUNCE")
    status = mailing.run("sandbox", "status").out

    assert "mail    3 days of 1 configuration set in 123456789012 us-east-1, VDM off\n" in status
    assert "ses.finding in 123456789012 us-east-1: 1 (BOUNCE LOW OPEN of acme)\n" in status
    assert mailing.run("sandbox", "status", "--format", "json").document["mail"] == [
        {"account": "123456789012", "region": "us-east-1", "sets": 1, "days": 3, "vdm": False}
    ]

    assert mailing.run("sandbox", "reset").code == 0
    assert mailing.run("sandbox", "status", "--format", "json").document["mail"] == []
