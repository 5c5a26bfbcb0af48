"""What SES and CloudWatch tell of mail, and what is told where they don't; beyond the port's contract."""

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from chanplan.execution.pacing import TokenPacer
from chanplan.execution.stopping import Stop
from chanplan.model.addresses import Address
from chanplan.model.configuration import SesAlias
from chanplan.model.errors import Interrupted, ProviderError, Transient
from chanplan.model.mail_evidence import MailSender
from chanplan.model.tier_evidence import Impact
from chanplan.providers.ses.provider import SesProvider
from chanplan.sandbox.mail_controls import Place
from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.sandbox.state.mail import Counts
from tests.ses.ses_world import ACCOUNT, REGION, SCOPE

TODAY = datetime.now(UTC).date()
BATCH, CLOUDWATCH = "sesv2:BatchGetMetricData", "cloudwatch:GetMetricData"
DESTINATIONS = "sesv2:GetConfigurationSetEventDestinations"
FIVE = [f"s{number}" for number in range(5)]


def ago(days):
    """Gives the day so many days ago."""
    return TODAY - timedelta(days)


def place(name):
    """Gives where a set or a tenant is."""
    return Place(ACCOUNT, REGION, name)


def sender(name):
    """Gives a use case of its own set, all of one tenant."""
    return MailSender(Address("use_case", name), name, "acme")


class Post:
    """A tenant with some sets, their mail, and what is gathered of it."""

    def __init__(self, controls, sesv2, evidence):
        self.controls = controls
        self.sesv2 = sesv2
        self.evidence = evidence
        sesv2.create_tenant(TenantName="acme")
        for name in FIVE:
            sesv2.create_configuration_set(ConfigurationSetName=name)
        controls.mail.set_vdm(ACCOUNT, REGION, on=True)

    def send(self, name, days, **counts):
        """Lets mail go out, as many days ago as are given."""
        told = Counts(
            **{"sends": 100, "deliveries": 95, "bounces": 2, "transient_bounces": 3, "complaints": 1} | counts
        )
        self.controls.mail.set_days(place(name), [ago(day) for day in days], told)

    def publish(
        self, name, events=("SEND", "DELIVERY", "BOUNCE", "COMPLAINT"), more=(), called="counts", enabled=True
    ):
        """Gives a set an event destination for CloudWatch."""
        dimensions = [
            {"DimensionName": each, "DimensionValueSource": "MESSAGE_TAG", "DefaultDimensionValue": "none"}
            for each in ("ses:configuration-set", *more)
        ]
        self.sesv2.create_configuration_set_event_destination(
            ConfigurationSetName=name,
            EventDestinationName=called,
            EventDestination={
                "Enabled": enabled,
                "MatchingEventTypes": list(events),
                "CloudWatchDestination": {"DimensionConfigurations": dimensions},
            },
        )

    def gather(self, *names, days=3, evidence=None):
        """Asks for the last days, today's included."""
        senders = [sender(name) for name in names or FIVE]
        self.gathered = (evidence or self.evidence).gather(SCOPE, senders, ago(days - 1), TODAY)
        return self.gathered

    def told(self, name):
        """Gives the counts of a set by how many days ago; None where nothing was told."""
        metrics = self.gathered.metrics.get(Address("use_case", name))
        if metrics is None:
            return None
        return {
            (TODAY - day.day).days: (day.sends, day.deliveries, day.bounces, day.complaints)
            for day in metrics.days
        }

    def sources(self):
        """Gives who told."""
        return {metrics.source for metrics in self.gathered.metrics.values()}

    def codes(self):
        """Gives what was warned of, in order."""
        return [problem.code for problem in self.gathered.problems]

    def problem(self, code):
        """Gives the one warning of a code."""
        (found,) = [problem for problem in self.gathered.problems if problem.code == code]
        return found

    def calls(self):
        """Gives the calls of metrics since the last look, by operation."""
        made = [call.operation for call in self.controls.calls()]
        self.controls.clear_calls()
        return {name: made.count(name) for name in (BATCH, CLOUDWATCH, DESTINATIONS) if name in made}


@pytest.fixture
def post(controls, boto, provider):
    """Five sets of one tenant, with VDM on."""
    return Post(controls, boto("sesv2"), provider.mail)


def test_soft_bounces_arent_bounces(post):
    """SES tells them apart, in one call of ten queries for two and a half sets, and one for the account."""
    post.send("s0", [1])
    post.calls()

    post.gather()

    assert post.told("s0") == {2: (0, 0, 0, 0), 1: (100, 95, 2, 1), 0: (0, 0, 0, 0)}
    assert (post.sources(), post.codes(), post.calls()) == ({"ses_vdm"}, [], {BATCH: 3})


def test_mail_of_long_ago_tells_that_silence_is_silence(post):
    """SES counted then, so a month without mail is one."""
    post.send("s0", [50])

    post.gather("s0", "s1", days=31)

    assert post.told("s0") == post.told("s1") == dict.fromkeys(range(31), (0, 0, 0, 0))


@pytest.mark.parametrize(
    "refused, code", [("ACCESS_DENIED", "metrics_denied"), ("INTERNAL_FAILURE", "metrics_unavailable")]
)
def test_a_refused_query_costs_its_set_alone(post, refused, code):
    """The others of the same call are told."""
    for name in FIVE:
        post.send(name, [0])
    post.controls.mail.refuse(place("s1"), refused)

    post.gather()

    assert [name for name in FIVE if post.told(name) is None] == ["s1"]
    assert post.codes() == [code]
    assert post.problem(code).message.endswith("So nothing is told of use_case.s1.")


def test_throttled_calls_are_made_again(post):
    """By the pacer, as everywhere."""
    post.send("s0", [0])
    post.controls.add_fault(Fault(FaultKind.THROTTLE, BATCH, times=4))
    post.calls()

    post.gather()

    assert (post.told("s0")[0], post.codes(), post.calls()) == ((100, 95, 2, 1), [], {BATCH: 3 + 4})


def test_what_was_told_before_the_calls_failed_is_kept(post, make_evidence):
    """Each of the two batches holds two sets and half of the third; of that half there is no judging. Either may be first."""
    for name in FIVE:
        post.send(name, [0])
    post.controls.add_fault(Fault(FaultKind.DROP_BEFORE, BATCH, after=2))

    post.gather(days=1, evidence=make_evidence(attempts=1))

    whole = {0: (100, 95, 2, 1)}
    assert [post.told(name) for name in FIVE] in (
        [whole, whole, {0: (100, 95, None, None)}, None, None],
        [None, None, {0: (None, None, 2, 1)}, whole, whole],
    )
    assert post.codes() == ["metrics_unavailable"]
    assert "use_case.s2" in post.problem("metrics_unavailable").message


def test_calls_that_never_answer_dont_keep_the_standing(post, make_evidence):
    """Nor is CloudWatch asked for what is there tomorrow."""
    post.send("s0", [0])
    post.controls.add_fault(Fault(FaultKind.DROP_AFTER, BATCH))
    post.calls()

    gathered = post.gather(evidence=make_evidence(attempts=2))

    assert (gathered.metrics, len(gathered.standings), post.codes()) == ({}, 5, ["metrics_unavailable"])
    assert post.calls() == {BATCH: 2}


def test_nothing_at_all_is_an_error(post, make_evidence):
    """A service that answers nothing is told by the error itself."""
    post.controls.add_fault(Fault(FaultKind.ERROR_500))

    with pytest.raises(Transient):
        post.gather(evidence=make_evidence(attempts=1))


def test_everything_denied_is_told_action_by_action(post):
    """So that one look at the policy is enough."""
    post.controls.add_fault(Fault(FaultKind.ACCESS_DENIED))

    gathered = post.gather("s0")

    assert (gathered.metrics, gathered.standings) == ({}, {})
    assert post.codes() == ["metrics_denied", "metrics_denied", "standing_denied", "findings_denied"]
    assert [problem.remedy for problem in gathered.problems] == [
        f"Allow {action} in the IAM policy behind alias 'default'."
        for action in (
            "ses:BatchGetMetricData",
            "cloudwatch:GetMetricData",
            "ses:ListReputationEntities",
            "ses:ListRecommendations",
        )
    ]


def test_an_account_that_may_not_be_looked_at_is_asked_all_the_same(post):
    """Whether VDM is on shows by what it tells."""
    post.send("s0", [0])
    post.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "sesv2:GetAccount"))

    post.gather("s0")

    assert (post.sources(), post.codes()) == ({"ses_vdm"}, [])


def test_an_account_that_may_not_be_looked_at_and_tells_nothing_is_asked_at_cloudwatch(post):
    """Nobody knows why it tells nothing."""
    post.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "sesv2:GetAccount"))

    post.gather("s0")

    assert post.codes() == ["vdm_unknown", "counts_missing"]
    assert post.problem("vdm_unknown").remedy.startswith("Allow ses:GetAccount ")


@pytest.fixture
def off(post):
    """The same with VDM off."""
    post.controls.mail.set_vdm(ACCOUNT, REGION, on=False)
    return post


def test_without_vdm_cloudwatch_tells(off):
    """Bounces of all sorts, which is said; only sets with mail are looked at closer."""
    off.send("s0", [1])
    off.publish("s0")
    off.calls()

    off.gather()

    assert off.told("s0") == {2: (0, 0, 0, 0), 1: (100, 95, 5, 1), 0: (0, 0, 0, 0)}
    assert off.sources() == {"cloudwatch"}
    assert off.codes() == ["vdm_off", "bounces_mixed", "counts_missing"]
    assert off.calls() == {CLOUDWATCH: 2, DESTINATIONS: 1}
    assert (off.gathered.calls[CLOUDWATCH], off.gathered.calls[BATCH]) == (2, 0)
    assert "put-account-vdm-attributes --region us-east-1" in off.problem("vdm_off").remedy
    assert "of use_case.s1, use_case.s2, use_case.s3 and 1 more:" in off.problem("counts_missing").message


def test_without_counts_nothing_is_made_up(off):
    """Reputation rates are there, as for every set of ours; they say nothing of how many mails."""
    off.send("s0", [1])

    off.gather("s0")

    assert (off.told("s0"), off.codes()) == (None, ["vdm_off", "counts_missing"])


def test_events_that_arent_published_arent_zeros(off):
    """No bounce was published, so nobody knows of any."""
    off.send("s0", [0])
    off.publish("s0", events=("SEND", "DELIVERY", "COMPLAINT"))

    off.gather("s0", days=1)

    assert off.told("s0") == {0: (100, 95, None, 1)}


@pytest.mark.parametrize(
    "more",
    [
        {"called": "second"},
        {"called": "second", "more": ("ses:from-domain",), "only": True},
        {"called": "second", "enabled": False, "only": True},
    ],
    ids=["twice", "by another dimension, too", "switched off"],
)
def test_a_destination_that_counts_otherwise_tells_nothing(off, more):
    """Twice, by other dimensions, or not any more."""
    off.send("s0", [0])
    if not more.pop("only", False):
        off.publish("s0")
    off.publish("s0", **more)

    off.gather("s0", days=1)

    assert (off.told("s0"), off.codes()) == (None, ["vdm_off", "counts_missing"])


def test_vdm_that_is_off_shows_by_its_refusal_too(off):
    """Where the account may not be looked at, SES's own words are told."""
    off.send("s0", [0])
    off.publish("s0")
    off.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "sesv2:GetAccount"))

    off.gather("s0", days=1)

    assert (off.told("s0"), off.sources()) == ({0: (100, 95, 5, 1)}, {"cloudwatch"})
    assert off.codes() == ["metrics_unavailable", "bounces_mixed"]
    assert "Virtual Deliverability Manager is not enabled" in off.problem("metrics_unavailable").message


def test_cloudwatch_that_may_not_be_asked_is_told(off):
    """After VDM that is off: both ways to counts are named."""
    off.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, CLOUDWATCH))

    off.gather("s0")

    assert off.codes() == ["vdm_off", "metrics_denied"]
    assert off.problem("metrics_denied").remedy.startswith("Allow cloudwatch:GetMetricData ")


def test_awss_own_cloudwatch_isnt_asked_about_an_emulators_mail(off, make_provider, monkeypatch):
    """Whoever leads SES elsewhere doesn't want the rest to reach AWS, with whatever credentials are set."""
    monkeypatch.delenv("AWS_ENDPOINT_URL_CLOUDWATCH")
    off.send("s0", [0])

    off.gather("s0", evidence=make_provider({"default": SesAlias("default", REGION)}).mail)

    assert off.codes() == ["vdm_off", "counts_missing"]


def test_one_tenant_is_asked_for_alone(post):
    """An operator who suspends one use case doesn't wait for the pages of ten thousand tenants."""
    for number in range(150):
        post.sesv2.create_tenant(TenantName=f"acme-{number}")
    post.controls.mail.set_impact(place("acme"), "HIGH")
    post.controls.clear_calls()

    gathered = post.gather("s0")

    assert gathered.standings[Address("use_case", "s0")].impact is Impact.HIGH
    assert [call.operation for call in post.controls.calls()].count("sesv2:ListReputationEntities") == 1


def test_where_one_tenant_cant_be_asked_for_all_are_listed(post):
    """Nobody has published how SES takes that filter."""
    post.controls.add_fault(Fault(FaultKind.EXPIRED_TOKEN, "sesv2:ListReputationEntities", times=1))

    gathered = post.gather("s0")

    assert (len(gathered.standings), post.codes()) == (1, [])


def test_a_list_that_breaks_off_has_told_what_it_told(post, make_evidence):
    """The first hundred tenants; of the others nothing is known."""
    senders = [MailSender(Address("use_case", f"u{n:03}"), f"u{n:03}", f"t{n:03}") for n in range(120)]
    for each in senders:
        post.sesv2.create_tenant(TenantName=each.tenant)
    post.controls.add_fault(Fault(FaultKind.ERROR_500, "sesv2:ListReputationEntities", after=1))

    gathered = make_evidence(attempts=1).gather(SCOPE, senders, ago(1), TODAY)

    assert len(gathered.standings) == 99
    assert [problem.code for problem in gathered.problems] == ["standing_unavailable"]
    assert "use_case.u099, use_case.u100, use_case.u101 and 18 more" in gathered.problems[0].message


def test_findings_that_broke_off_count_as_not_told(post, make_evidence):
    """Those that were read are kept, and the rest may hold anything."""
    for number in range(60):
        post.sesv2.create_tenant(TenantName=f"a{number:02}")
        for kind in ("BOUNCE", "COMPLAINT"):
            post.controls.mail.open_finding(place(f"a{number:02}"), kind, "LOW")
    post.controls.add_fault(Fault(FaultKind.ERROR_500, "sesv2:ListRecommendations", after=1))
    asked = [MailSender(Address("use_case", "u"), "u", "a07")]

    gathered = make_evidence(attempts=1).gather(SCOPE, asked, ago(1), TODAY)

    standing = gathered.standings[Address("use_case", "u")]
    assert ({finding.kind for finding in standing.findings}, standing.findings_told) == (
        {"BOUNCE", "COMPLAINT"},
        False,
    )
    assert standing.impact is Impact.LOW
    assert [problem.code for problem in gathered.problems] == ["findings_unavailable"]


def test_a_tenant_that_ses_doesnt_list_is_told(post):
    """It may be gone."""
    lost = MailSender(Address("use_case", "lost"), "s0", "nobody")
    post.send("s0", [0])

    gathered = post.evidence.gather(SCOPE, [lost], ago(1), TODAY)

    assert (len(gathered.metrics), gathered.standings) == (1, {})
    assert [problem.code for problem in gathered.problems] == ["standing_missing"]


def test_a_stop_ends_it_between_two_calls(post, clock, environment):
    """With forty calls before it, and none after those that were under way."""
    senders = [MailSender(Address("use_case", f"u{n}"), f"u{n}", "acme") for n in range(500)]
    stop = Stop()
    counting = Counting(lambda made: made == 40 and stop.ask())
    pacer = TokenPacer(clock, counting, lambda *_: None, stop=stop)
    provider = SesProvider({"default": SesAlias("default", REGION)}, "acme-production", pacer, clock)

    with closing(provider), pytest.raises(Interrupted):
        provider.mail.gather(SCOPE, senders, ago(1), TODAY)

    assert 40 <= counting.made < 40 + 8 + 2


class Counting:
    """Metrics that say how many calls were made, each time."""

    def __init__(self, hear):
        self.made = 0
        self._hear = hear
        self._lock = threading.Lock()

    def called(self, provider, operation, seconds, outcome):
        """Counts one."""
        with self._lock:
            self.made += 1
            self._hear(self.made)


def test_another_account_is_never_asked(make_provider):
    """Its mail would be taken for ours."""
    aliases = {"default": SesAlias("default", REGION, account_id="999999999999")}
    other = SCOPE.__class__("ses", "999999999999", REGION)

    with pytest.raises(ProviderError) as error:
        make_provider(aliases).mail.gather(other, [sender("s0")], ago(1), TODAY)

    assert error.value.code == "wrong_account"
