"""The port for mail evidence on SES: three questions side by side, none of which keeps the others from being answered."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

from chanplan.model.addresses import Address
from chanplan.model.errors import ProviderError
from chanplan.model.mail_evidence import Gathered, MailSender
from chanplan.model.problems import Problem
from chanplan.model.scopes import Scope
from chanplan.model.tier_evidence import Finding, MailMetrics, TenantStanding
from chanplan.ports.clock import Clock
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.limits import METRIC_QUERIES_PER_CALL, REPUTATION_ENTITIES_PER_PAGE
from chanplan.providers.ses.mail.account import GET_ACCOUNT, read_account
from chanplan.providers.ses.mail.cloudwatch import read_cloudwatch
from chanplan.providers.ses.mail.findings import LIST_RECOMMENDATIONS, read_findings
from chanplan.providers.ses.mail.standing import LIST_ENTITIES, read_standings
from chanplan.providers.ses.mail.telling import Part, listed, unasked, warning
from chanplan.providers.ses.mail.vdm import BATCH_GET, METRICS, read_vdm
from chanplan.providers.ses.place import Service

_Metrics = Mapping[Address, MailMetrics]
_TELLS_NOTHING = frozenset({"access_denied", "unsupported_operation", "gone"})
"""How SES refuses its metrics for good. The last is the one word of its model that fits an account without VDM."""


class SesMailEvidence:
    """Implements `ports.mail_evidence.MailEvidence` on boto3, over the clients and the pacer of the SES provider."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._clock = clock

    def gather(self, scope: Scope, senders: Sequence[MailSender], first: date, last: date) -> Gathered:
        """Ask for mail and standings in one account and region; see `ports.mail_evidence`."""
        if not senders:
            return Gathered()
        place, now = self._service.place(scope), self._clock.now()
        calls, tenants = place.calls, {sender.tenant for sender in senders}
        with ThreadPoolExecutor(3, thread_name_prefix="ses-evidence") as threads:
            counting = threads.submit(self._metrics, calls, senders, first, last)
            standing = threads.submit(read_standings, place, tenants)
            finding = threads.submit(read_findings, calls, now)
            metrics, standings, findings = counting.result(), standing.result(), finding.result()
        errors = [part.error for part in (metrics, standings, findings)]
        _raise_where_nothing_was_told(errors, told=bool(metrics.found or standings.found or findings.found))
        return Gathered(
            metrics.found,
            _standings(senders, standings.found, findings.found, findings_told=findings.error is None),
            (*metrics.problems, *_problems(senders, standings, findings)),
            Counter(calls.made),
        )

    def cost(self, senders: Sequence[MailSender], first: date, last: date) -> Mapping[str, int]:
        """Count the calls where VDM is on and there are few findings; see `ports.mail_evidence`."""
        del first, last  # a query takes any number of days
        if not senders:
            return {}
        tenants = len({sender.tenant for sender in senders})
        return {
            GET_ACCOUNT: 1,
            BATCH_GET: 1 - (-len(senders) * len(METRICS) // METRIC_QUERIES_PER_CALL),
            LIST_ENTITIES: -(-tenants // REPUTATION_ENTITIES_PER_PAGE),
            LIST_RECOMMENDATIONS: 1,
        }

    def _metrics(
        self, calls: Calls, senders: Sequence[MailSender], first: date, last: date
    ) -> Part[_Metrics]:
        try:
            account = read_account(calls)
        except ProviderError as error:
            return Part({}, (unasked("metrics", error, "So no mail was counted."),), error)
        if account.vdm is False:
            return _instead(_vdm_off(calls), read_cloudwatch(calls, senders, first, last))
        told = read_vdm(calls, account, senders, first, last, self._clock.now())
        if told.error is None and account.vdm is None and not told.found:
            return _instead(_vdm_unknown(calls), read_cloudwatch(calls, senders, first, last))
        if told.error is None or told.found:
            return told
        if told.error.code in _TELLS_NOTHING:
            reason = unasked("metrics", told.error, "So CloudWatch is asked instead.")
            return _instead(reason, read_cloudwatch(calls, senders, first, last))
        return Part({}, (unasked("metrics", told.error, "So no mail was counted."),), told.error)


def _instead(reason: Problem, fallback: Part[_Metrics]) -> Part[_Metrics]:
    return replace(fallback, problems=(reason, *fallback.problems))


def _raise_where_nothing_was_told(errors: Sequence[ProviderError | None], *, told: bool) -> None:
    failed = [error for error in errors if error is not None]
    # What isn't allowed is worth knowing action by action; without a network, or a login, one word says it all.
    if not told and len(failed) == len(errors) and all(error.code != "access_denied" for error in failed):
        raise failed[0]


def _standings(
    senders: Sequence[MailSender],
    standings: Mapping[str, TenantStanding],
    findings: Mapping[str, Sequence[Finding]],
    *,
    findings_told: bool,
) -> dict[Address, TenantStanding]:
    whole = {
        tenant: replace(standing, findings=tuple(findings.get(tenant, ())), findings_told=findings_told)
        for tenant, standing in standings.items()
    }
    return {sender.address: whole[sender.tenant] for sender in senders if sender.tenant in whole}


def _problems(
    senders: Sequence[MailSender],
    standings: Part[Mapping[str, TenantStanding]],
    findings: Part[Mapping[str, Sequence[Finding]]],
) -> Iterator[Problem]:
    unknown = [sender for sender in senders if sender.tenant not in standings.found]
    if unknown and standings.error is not None:
        yield unasked(
            "standing", standings.error, f"So nothing is known of the tenants of {listed(unknown)}."
        )
    elif unknown:
        yield warning(
            "standing_missing",
            f"SES keeps no reputation of the tenants of {listed(unknown)}.",
            "Run `chanplan plan --refresh deep`: it says whether the tenants are still there.",
        )
    if findings.error is not None:
        yield unasked("findings", findings.error, "So nothing is promoted.")


def _vdm_off(calls: Calls) -> Problem:
    return warning(
        "vdm_off",
        f"Virtual Deliverability Manager is off in {calls.region}, so SES tells no counts by configuration set; CloudWatch is "
        "asked instead.",
        "Turn it on, which AWS bills by mail sent (see SES's price list) and which counts from that day on:\n"
        f"aws sesv2 put-account-vdm-attributes --region {calls.region} --vdm-attributes VdmEnabled=ENABLED",
    )


def _vdm_unknown(calls: Calls) -> Problem:
    return warning(
        "vdm_unknown",
        f"SES tells no mail of the account in {calls.region}, and these credentials may not read whether VDM is on; CloudWatch "
        "is asked instead.",
        f"Allow ses:GetAccount in the IAM policy behind alias '{calls.alias.alias}'.",
    )
