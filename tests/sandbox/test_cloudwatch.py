"""CloudWatch's view of SES's mail: counts where an event destination is, reputation rates, periods, pages."""

from datetime import UTC, datetime, timedelta

import pytest

from chanplan.sandbox.mail_controls import Place
from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.sandbox.state.mail import Counts

RECEIPTS = Place("123456789012", "us-east-1", "acme_receipts")
DAY = 24 * 3600


@pytest.fixture
def cloudwatch(clients):
    """A client that speaks what boto3 chooses by itself."""
    return clients("cloudwatch")


@pytest.fixture
def today(sesv2, controls):
    """The beginning of the services' day; the set is there by then."""
    sesv2.create_configuration_set(
        ConfigurationSetName="acme_receipts", ReputationOptions={"ReputationMetricsEnabled": True}
    )
    day = controls.mail.today()
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def query(name, configuration_set="acme_receipts", stat="Sum", period=DAY, number=0, **more):
    """Makes one query; without a set it is about the account."""
    dimensions = [{"Name": "ses:configuration-set", "Value": configuration_set}] if configuration_set else []
    metric = {"Namespace": "AWS/SES", "MetricName": name, "Dimensions": dimensions}
    return {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}, **more}


@pytest.fixture
def ask(cloudwatch, today):
    """Asks one query about the last days and today; returns how many days ago → value."""

    def asked(name, back=10, **more):
        answer = cloudwatch.get_metric_data(
            MetricDataQueries=[query(name, **more)],
            StartTime=today - timedelta(back),
            EndTime=today + timedelta(1),
            ScanBy="TimestampAscending",
        )
        (told,) = answer["MetricDataResults"]
        assert told["StatusCode"] == "Complete"
        return {
            (today - at).days: value for at, value in zip(told["Timestamps"], told["Values"], strict=True)
        }

    return asked


@pytest.fixture
def week(controls, today):
    """Three days of mail: clean, clean, and one with bounces and a complaint."""
    days = [(today - timedelta(back)).date() for back in (3, 2, 1)]
    controls.mail.set_days(RECEIPTS, days[:2], Counts(400, 400))
    controls.mail.set_days(RECEIPTS, days[2:], Counts(200, 180, 15, 5, 1))


def test_counts_of_a_set_need_an_event_destination(week, controls, ask):
    """Off at first; the account's counts are there without."""
    assert (ask("Send"), ask("Send", configuration_set=None)) == ({}, {3: 400, 2: 400, 1: 200})

    controls.mail.count_at_cloudwatch(RECEIPTS, on=True)

    assert {name: ask(name) for name in ("Send", "Delivery", "Bounce", "Complaint")} == {
        "Send": {3: 400, 2: 400, 1: 200},
        "Delivery": {3: 400, 2: 400, 1: 180},
        "Bounce": {3: 0, 2: 0, 1: 20},
        "Complaint": {3: 0, 2: 0, 1: 1},
    }

    controls.mail.count_at_cloudwatch(RECEIPTS, on=False)
    assert ask("Send") == {}


def test_reputation_rates_are_fractions_over_some_days(week, ask, sesv2):
    """Permanent bounces and complaints over what was sent; gone with the set's reputation metrics."""
    assert ask("Reputation.BounceRate", stat="Average") == {3: 0, 2: 0, 1: 0.015}
    assert ask("Reputation.ComplaintRate", stat="Maximum", back=1) == {1: 0.001}

    sesv2.put_configuration_set_reputation_options(
        ConfigurationSetName="acme_receipts", ReputationMetricsEnabled=False
    )
    assert (ask("Reputation.BounceRate"), ask("Reputation.BounceRate", configuration_set=None)[1]) == (
        {},
        0.015,
    )


def test_periods_sum_up(week, controls, ask):
    """Longer periods hold several days, aligned to their own multiples; a day's mail is at its midnight."""
    controls.mail.count_at_cloudwatch(RECEIPTS, on=True)

    assert sum(ask("Send", period=2 * DAY).values()) == 1000
    assert len(ask("Send", period=30 * DAY)) in (1, 2)
    assert ask("Send", period=300) == {3: 400, 2: 400, 1: 200}
    assert (ask("Send", stat="SampleCount")[1], ask("Send", stat="Minimum")[1]) == (1, 200)


def test_pages_end_with_the_last_point(week, cloudwatch, controls, today):
    """MaxDatapoints cuts; a token goes on; newest first unless asked otherwise."""
    controls.mail.count_at_cloudwatch(RECEIPTS, on=True)
    asked = {
        "MetricDataQueries": [query("Send", number=1), query("Complaint", number=2), query("Open", number=3)],
        "StartTime": today - timedelta(9),
        "EndTime": today,
        "MaxDatapoints": 4,
    }

    pages = [cloudwatch.get_metric_data(**asked)]
    while token := pages[-1].get("NextToken"):
        pages.append(cloudwatch.get_metric_data(**asked, NextToken=token))

    told = [
        [(each["Id"], each["Values"], each["StatusCode"]) for each in page["MetricDataResults"]]
        for page in pages
    ]
    assert told == [
        [("q1", [200, 400, 400], "Complete"), ("q2", [1], "PartialData"), ("q3", [], "Complete")],
        [("q2", [0, 0], "Complete"), ("q3", [], "Complete")],
    ]


def test_names_that_nobody_publishes_are_empty(week, cloudwatch, today, ask):
    """Other namespaces, dimensions and metrics are no error."""
    other = query("Send")
    other["MetricStat"]["Metric"]["Namespace"] = "AWS/EC2"
    more = query("Send", number=1)
    more["MetricStat"]["Metric"]["Dimensions"].append({"Name": "ses:from-domain", "Value": "acme.example"})
    hidden = query("Send", number=2, ReturnData=False)

    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[other, more, hidden], StartTime=today, EndTime=today + timedelta(1)
    )

    assert [(each["Id"], each["Values"]) for each in answer["MetricDataResults"]] == [("q0", []), ("q1", [])]
    assert ask("Send", configuration_set="nobody") == {}


@pytest.mark.parametrize(
    "change, code, says",
    [
        ({"MetricDataQueries": [query("Send", number=n) for n in range(501)]}, "ValidationError", "500"),
        ({"MetricDataQueries": [query("Send"), query("Send")]}, "ValidationError", "not unique"),
        ({"MetricDataQueries": [{"Id": "q0", "Expression": "SUM(METRICS())"}]}, "ValidationError", "MetricStat"),
        ({"MetricDataQueries": [query("Send", stat="p99")]}, "ValidationError", "p99"),
        ({"MetricDataQueries": [query("Send", period=90)]}, "ValidationError", "multiple of 60"),
        ({"StartTime": datetime(2027, 1, 1, tzinfo=UTC), "EndTime": datetime(2026, 1, 1, tzinfo=UTC)}, "ValidationError", "less"),
        ({"MaxDatapoints": 100_801}, "ValidationError", "MaxDatapoints"),
        ({"NextToken": "nonsense"}, "InvalidNextToken", "token"),
    ],
)  # fmt: skip
def test_nonsense_is_refused(cloudwatch, refused, today, change, code, says):
    """In the words of CloudWatch's older protocol, which the SDK shows."""
    asked = {"MetricDataQueries": [query("Send")], "StartTime": today, "EndTime": today + timedelta(1)}

    found, message = refused(cloudwatch.get_metric_data, **{**asked, **change})

    assert (found, says in message) == (code, True)


def test_it_can_be_denied(cloudwatch, controls, refused, today):
    """By the fault that every operation has."""
    controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "cloudwatch:GetMetricData"))
    asked = {"MetricDataQueries": [query("Send")], "StartTime": today, "EndTime": today + timedelta(1)}

    code, message = refused(cloudwatch.get_metric_data, **asked)

    assert (code, "cloudwatch:GetMetricData" in message) == ("AccessDenied", True)


def test_other_operations_of_cloudwatch_are_unknown(cloudwatch, refused):
    """They are answered by name."""
    code, message = refused(cloudwatch.list_metrics)

    assert (code, "cloudwatch:ListMetrics" in message) == ("UnknownOperationException", True)
