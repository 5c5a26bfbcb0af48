"""Whatever mail is set: sums agree however they are asked for, and pages hold every point once."""

import tempfile
from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from chanplan.sandbox.services import cloudwatch
from chanplan.sandbox.services.call import Call
from chanplan.sandbox.services.ses import account, event_destinations, metrics, names
from chanplan.sandbox.state import mail
from chanplan.sandbox.state.mail import DAY, Counts, MailDay, Under
from chanplan.sandbox.state.storage import Scope, Storage

SCOPE = Scope("123456789012", "us-east-1")
TODAY = 20_700
SETS, TENANTS = ("one", "two", "three"), ("acme", "other")
NUMBERS = st.integers(0, 10_000)
ROWS = st.lists(
    st.builds(
        MailDay,
        st.sampled_from(SETS),
        st.integers(TODAY - 40, TODAY + 3),
        st.sampled_from(TENANTS),
        st.just("mail.acme.example"),
        st.builds(Counts, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    ),
    max_size=40,
    unique_by=lambda row: (row.configuration_set, row.day),
)


@contextmanager
def holding(rows):
    """Gives a state that holds these rows."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Storage(Path(folder))) as storage,
        storage.transaction() as state,
    ):
        for row in rows:
            mail.put(state, SCOPE, row)
        yield state


def asked(rows, operation, handler, **params):
    """Answers one call on a state that holds these rows; VDM and all event destinations are on."""
    with holding(rows) as state:
        account.set_vdm(state, SCOPE, 0.0, on=True)
        for name in SETS:
            kept = {"destinations": [event_destinations.everything()]}
            state.put(SCOPE, names.DESTINATIONS, name, kept, 0.0)
        pages = []
        while not pages or pages[-1].get("NextToken"):
            token = {"NextToken": pages[-1]["NextToken"]} if pages else {}
            pages.append(handler(Call(operation, SCOPE, {**params, **token}, state, (TODAY + 0.5) * DAY)))
        return pages


def vdm_query(metric, first, last, **dimensions):
    """Makes a query of SES's own metrics."""
    return {"Metric": metric, "StartDate": first * DAY, "EndDate": (last + 1) * DAY, "Dimensions": dimensions}


def cloudwatch_query(number, name, configuration_set, period):
    """Makes a query of CloudWatch."""
    dimensions = [{"Name": "ses:configuration-set", "Value": configuration_set}]
    metric = {"Namespace": "AWS/SES", "MetricName": name, "Dimensions": dimensions}
    return {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}}


@given(ROWS, st.integers(0, 45), st.integers(0, 10))
def test_sets_and_tenants_add_up_to_the_account(rows, back, length):
    """Each mail is counted once, whichever way it is cut; days to come never are."""
    first = TODAY - back
    last = first + length
    cuts = [{}, *({"CONFIGURATION_SET": name} for name in SETS), *({"TENANT_NAME": name} for name in TENANTS)]
    queries = [vdm_query("SEND", first, last, **cut) | {"Id": str(number)} for number, cut in enumerate(cuts)]
    (page,) = asked(rows, "sesv2:BatchGetMetricData", metrics.batch_get_metric_data, Queries=queries)
    sums = [sum(each["Values"]) for each in page["Results"]]

    wanted = sum(row.counts.sends for row in rows if first <= row.day <= min(last, TODAY))
    assert (sums[0], sum(sums[1:4]), sum(sums[4:])) == (wanted, wanted, wanted)
    assert all(value for each in page["Results"] for value in each["Values"])


@given(ROWS, st.sampled_from([300, DAY, 2 * DAY, 7 * DAY]), st.integers(1, 30))
def test_pages_of_cloudwatch_hold_every_point_once(rows, period, most):
    """However few points a page may have; and they add up to what SES says itself."""
    queries = [
        cloudwatch_query(number, name, each, period)
        for number, (name, each) in enumerate([("Send", each) for each in SETS] + [("Complaint", "one")])
    ]
    span = {"StartTime": (TODAY - 50) * DAY, "EndTime": (TODAY + 10) * DAY, "MetricDataQueries": queries}
    whole = asked(rows, "cloudwatch:GetMetricData", cloudwatch.get_metric_data, **span)
    paged = asked(rows, "cloudwatch:GetMetricData", cloudwatch.get_metric_data, **span, MaxDatapoints=most)

    def points(pages):
        return Counter(
            (each["Id"], at, value)
            for page in pages
            for each in page["MetricDataResults"]
            for at, value in zip(each["Timestamps"], each["Values"], strict=True)
        )

    assert points(paged) == points(whole)
    assert all(sum(len(each["Values"]) for each in page["MetricDataResults"]) <= most for page in paged)
    sends = sum(value * times for (asked_as, _, value), times in points(whole).items() if asked_as != "q3")
    assert sends == sum(row.counts.sends for row in rows if row.day <= TODAY)


@given(ROWS)
def test_a_forgotten_day_is_as_if_it_had_never_been(rows):
    """Setting and forgetting leaves what was there before."""
    with holding(rows) as state:
        gone = {row.day for row in rows if row.configuration_set == "one"}
        forgotten = mail.forget(state, SCOPE, "one", TODAY - 100, TODAY + 100)
        left = mail.by_day(state, SCOPE, Under(), TODAY - 100, TODAY + 100)

    assert forgotten == len(gone)
    assert sum(each.sends for each in left.values()) == sum(
        row.counts.sends for row in rows if row.configuration_set != "one"
    )
