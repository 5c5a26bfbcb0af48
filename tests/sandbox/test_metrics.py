"""SES's own counts of mail: by set, tenant and identity, by UTC day, in batches of ten queries."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chanplan.sandbox.mail_controls import Place
from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.sandbox.state.mail import Counts

ACCOUNT, REGION = "123456789012", "us-east-1"
RECEIPTS = Place(ACCOUNT, REGION, "acme_receipts")


@pytest.fixture
def sets(sesv2, controls):
    """Two sets of two tenants, each with its identity, and VDM on."""
    for tenant, domain, name in (
        ("acme", "mail.acme.example", "acme_receipts"),
        ("other", "o.example", "other_news"),
    ):
        sesv2.create_tenant(TenantName=tenant)
        sesv2.create_email_identity(EmailIdentity=domain)
        sesv2.create_configuration_set(ConfigurationSetName=name)
        for resource in (f"identity/{domain}", f"configuration-set/{name}"):
            arn = f"arn:aws:ses:{REGION}:{ACCOUNT}:{resource}"
            sesv2.create_tenant_resource_association(TenantName=tenant, ResourceArn=arn)
    controls.mail.set_vdm(ACCOUNT, REGION, on=True)


@pytest.fixture
def today(controls):
    """The day that it is at the services."""
    return controls.mail.today()


def midnight(day):
    """Returns the beginning of a UTC day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@pytest.fixture
def ask(sesv2, today):
    """Asks for one metric from `back` days ago until today's end; returns how many days ago → count."""

    def asked(metric, back=30, until=0, **dimensions):
        start, end = midnight(today - timedelta(back)), midnight(today + timedelta(1 - until))
        query = {"Id": "q", "Namespace": "VDM", "Metric": metric, "StartDate": start, "EndDate": end}
        answer = sesv2.batch_get_metric_data(
            Queries=[query | ({"Dimensions": dimensions} if dimensions else {})]
        )
        assert answer["Errors"] == []
        (told,) = answer["Results"]
        return {
            (today - at.date()).days: value
            for at, value in zip(told["Timestamps"], told["Values"], strict=True)
            if at == midnight(at.date())
        }

    return asked


def test_days_are_told_by_metric(sets, controls, today, ask):
    """Each metric has its own count; a day on which it counted nothing isn't there."""
    controls.mail.set_days(RECEIPTS, [today - timedelta(2)], Counts(500, 490, 6, 4, 1))
    controls.mail.set_days(RECEIPTS, [today], Counts(100, 100))

    assert {metric: ask(metric, CONFIGURATION_SET="acme_receipts") for metric in (
        "SEND", "DELIVERY", "DELIVERY_COMPLAINT", "PERMANENT_BOUNCE", "TRANSIENT_BOUNCE", "COMPLAINT", "OPEN", "CLICK"
    )} == {
        "SEND": {2: 500, 0: 100},
        "DELIVERY": {2: 490, 0: 100},
        "DELIVERY_COMPLAINT": {2: 490, 0: 100},
        "PERMANENT_BOUNCE": {2: 6},
        "TRANSIENT_BOUNCE": {2: 4},
        "COMPLAINT": {2: 1},
        "OPEN": {},
        "CLICK": {},
    }  # fmt: skip


def test_dimensions_narrow_down_together(sets, controls, today, ask):
    """By set, tenant, identity, all of them, or the whole account; what isn't there is empty, and so is every ISP."""
    controls.mail.set_days(RECEIPTS, [today], Counts(500))
    controls.mail.set_days(Place(ACCOUNT, REGION, "other_news"), [today], Counts(70))

    assert ask("SEND") == {0: 570}
    assert ask("SEND", CONFIGURATION_SET="other_news") == {0: 70}
    assert ask("SEND", TENANT_NAME="acme") == {0: 500}
    assert ask("SEND", EMAIL_IDENTITY="o.example") == {0: 70}
    assert ask(
        "SEND", TENANT_NAME="acme", CONFIGURATION_SET="acme_receipts", EMAIL_IDENTITY="mail.acme.example"
    ) == {0: 500}
    assert ask("SEND", TENANT_NAME="other", CONFIGURATION_SET="acme_receipts") == {}
    assert ask("SEND", CONFIGURATION_SET="nobody") == {}
    assert ask("SEND", ISP="Gmail") == {}


def test_the_period_ends_before_its_end_and_with_the_last_day_that_began(sets, controls, today, ask):
    """The day at EndDate isn't in; tomorrow's mail shows when tomorrow comes."""
    days = [today + timedelta(offset) for offset in range(-3, 3)]
    controls.mail.set_days(RECEIPTS, days, Counts(1))

    assert sorted(ask("SEND", back=2, until=1)) == [1, 2]
    assert sorted(ask("SEND", back=2, until=-5)) == [0, 1, 2]

    controls.advance(24 * 3600)

    assert sorted(ask("SEND", back=2, until=-5)) == [-1, 0, 1, 2]


def test_without_vdm_no_metrics_are_told(sets, sesv2, refused, today):
    """It is off unless somebody turns it on, and says so where accounts are read."""
    query = {"Id": "q", "Namespace": "VDM", "Metric": "SEND", "StartDate": midnight(today), "EndDate": midnight(today) + timedelta(1)}  # fmt: skip
    sesv2.put_account_vdm_attributes(VdmAttributes={"VdmEnabled": "DISABLED"})

    assert refused(sesv2.batch_get_metric_data, Queries=[query])[0] == "NotFoundException"
    assert sesv2.get_account()["VdmAttributes"]["VdmEnabled"] == "DISABLED"

    attributes = {"VdmEnabled": "ENABLED", "DashboardAttributes": {"EngagementMetrics": "ENABLED"}}
    sesv2.put_account_vdm_attributes(VdmAttributes=attributes)

    assert sesv2.get_account()["VdmAttributes"] == attributes
    assert sesv2.batch_get_metric_data(Queries=[query])["Results"][0]["Values"] == []


def test_vdm_is_off_at_first_and_belongs_to_the_region(clients):
    """Each region has its own."""
    clients("sesv2").put_account_vdm_attributes(VdmAttributes={"VdmEnabled": "ENABLED"})

    states = [
        clients("sesv2", region).get_account()["VdmAttributes"] for region in ("us-east-1", "eu-west-1")
    ]
    assert states == [{"VdmEnabled": "ENABLED"}, {"VdmEnabled": "DISABLED"}]


def test_ten_queries_a_call_and_no_empty_period(sets, clients, refused, today):
    """Ten queries are answered in their order, an eleventh refuses them all, and so does a period without days."""
    sesv2 = clients("sesv2", parameter_validation=False)
    query = {"Namespace": "VDM", "Metric": "SEND", "StartDate": midnight(today), "EndDate": midnight(today) + timedelta(1)}  # fmt: skip
    ten = [query | {"Id": f"q{number}"} for number in range(10)]

    assert [each["Id"] for each in sesv2.batch_get_metric_data(Queries=ten)["Results"]] == [
        f"q{n}" for n in range(10)
    ]
    assert (
        refused(sesv2.batch_get_metric_data, Queries=[*ten, query | {"Id": "q10"}])[0]
        == "BadRequestException"
    )
    assert refused(sesv2.batch_get_metric_data, Queries=[])[0] == "BadRequestException"
    empty = query | {"Id": "q", "EndDate": midnight(today)}
    assert refused(sesv2.batch_get_metric_data, Queries=[empty]) == (
        "BadRequestException",
        "The start date must be before the end date.",
    )


def test_one_query_of_a_batch_may_be_refused(sets, sesv2, controls, today):
    """The others are answered."""
    controls.mail.refuse(RECEIPTS, "ACCESS_DENIED")
    query = {"Namespace": "VDM", "Metric": "SEND", "StartDate": midnight(today), "EndDate": midnight(today) + timedelta(1)}  # fmt: skip
    queries = [query | {"Id": name, "Dimensions": {"CONFIGURATION_SET": name}} for name in ("acme_receipts", "other_news")]  # fmt: skip

    answer = sesv2.batch_get_metric_data(Queries=queries)

    assert [each["Id"] for each in answer["Results"]] == ["other_news"]
    assert answer["Errors"] == [
        {
            "Id": "acme_receipts",
            "Code": "ACCESS_DENIED",
            "Message": "Access to the metrics of <acme_receipts> is denied.",
        }
    ]

    controls.mail.refuse(RECEIPTS, None)
    assert sesv2.batch_get_metric_data(Queries=queries)["Errors"] == []


def test_metrics_can_be_denied_altogether(sets, sesv2, controls, refused, today):
    """By the fault that every operation has."""
    controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "sesv2:BatchGetMetricData"))
    query = {"Id": "q", "Namespace": "VDM", "Metric": "SEND", "StartDate": midnight(today), "EndDate": midnight(today) + timedelta(1)}  # fmt: skip

    assert refused(sesv2.batch_get_metric_data, Queries=[query])[0] == "AccessDeniedException"


def test_mail_of_a_deleted_set_still_counts(sets, sesv2, controls, today, ask):
    """What went out went out; the tenant's name stays on it too."""
    controls.mail.set_days(RECEIPTS, [today], Counts(500))
    sesv2.delete_tenant(TenantName="acme")
    sesv2.delete_configuration_set(ConfigurationSetName="acme_receipts")

    assert (ask("SEND", CONFIGURATION_SET="acme_receipts"), ask("SEND", TENANT_NAME="acme")) == (
        {0: 500},
        {0: 500},
    )


def test_the_account_tells_what_it_sent_today(sets, sesv2, controls, today):
    """Its quota goes by the last 24 hours; the sandbox knows days."""
    controls.mail.set_days(RECEIPTS, [today - timedelta(1), today], Counts(500))

    assert sesv2.get_account()["SendQuota"]["SentLast24Hours"] == 500.0


def test_days_are_set_anew_and_forgotten(sets, controls, today):
    """Counts take the place of those before; forgotten days are gone."""
    days = [today - timedelta(back) for back in range(5)]
    controls.mail.set_days(RECEIPTS, days, Counts(10, 10))
    controls.mail.set_days(RECEIPTS, days[:1], Counts(20, 19, 1))

    assert controls.mail.forget_days(RECEIPTS, days[4], days[2]) == 3
    assert controls.mail.of(RECEIPTS).days == {days[1]: Counts(10, 10), days[0]: Counts(20, 19, 1)}
    assert [each.place.name for each in controls.mail.sets()] == ["acme_receipts"]


def test_a_year_of_days_keeps_its_dates(sets, controls):
    """The first and the last day of a year, whatever the machine's time zone."""
    year = [date(2026, 1, 1) + timedelta(number) for number in range(365)]
    controls.mail.set_days(RECEIPTS, year, Counts(1))

    assert list(controls.mail.of(RECEIPTS).days) == year
