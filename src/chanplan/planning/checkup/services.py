"""Judging the services: where calls go, as whom, what is allowed, and what is there."""

import re
from collections.abc import Iterator, Mapping, Sequence

from chanplan.model.addresses import Address
from chanplan.model.checkup import Endpoint, Finding, Probe, ServiceFacts
from chanplan.model.discoveries import Findings, Owner
from chanplan.model.plans import Refusal
from chanplan.model.records import Outcome, RecordVerdict
from chanplan.model.requests import Unreadable
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Snapshot
from chanplan.planning.checkup.catalogue import finding, first_of

_HERE = re.compile(r"http://(127\.0\.0\.1|\[::1\]|localhost)(?=[:/]|\Z)")
_MARKS = frozenset({"orphan", "foreign_object", "state_lost"})
"""Refusals of a plan that are about what exists, and not about what is wanted."""


def name_of(scope: Scope) -> str:
    """Give what a service in one account and region is called."""
    return f"{scope.provider}.{scope.alias}"


def of_service(facts: ServiceFacts, recorded: frozenset[str]) -> Iterator[Finding]:
    """Judge one account and region; `recorded` are the accounts in which the state has resources by this alias."""
    check = name_of(facts.scope)
    yield from _of_endpoints(check, facts.endpoints)
    if facts.login is not None:
        yield finding(check, "credentials_found", f"Credentials were found: {facts.login}.")
    elif not facts.probes:
        yield finding(
            check,
            "credentials_missing",
            f"No credentials were found for alias '{facts.scope.alias}' of providers.{facts.scope.provider}.",
            _LOGINS[facts.scope.provider],
        )
    yield from _of_account(check, facts, recorded)
    yield from _of_probes(check, facts.probes)
    yield from _of_sending(check, facts)


_LOGINS = {
    "ses": "Give them the way the AWS SDK reads them: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or"
    " `profile:` under the alias.",
    "twilio": "Set TWILIO_API_KEY and TWILIO_API_SECRET, or TWILIO_AUTH_TOKEN, or the variables that the alias names.",
}


def _of_endpoints(check: str, endpoints: Sequence[Endpoint]) -> Iterator[Finding]:
    for url, services in _grouped(endpoints).items():
        named = ", ".join(each.service for each in services)
        if url.startswith("http://") and not _HERE.match(url):
            yield finding(
                check,
                "endpoint_unencrypted",
                f"{named}: requests go to {url} without encryption.",
                "Use https there.",
            )
        elif all(each.own for each in services):
            yield finding(check, "endpoint_own", f"{named}: requests go to {url}.")
        else:
            yield finding(
                check,
                "endpoint_elsewhere",
                f"{named}: requests go to {url}, which isn't the service itself.",
                "If that isn't meant: look at `endpoint_url:`, AWS_ENDPOINT_URL* and CHANPLAN_TWILIO_BASE_URL.",
            )


def _grouped(endpoints: Sequence[Endpoint]) -> Mapping[str, list[Endpoint]]:
    groups: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        groups.setdefault(endpoint.url, []).append(endpoint)
    return groups


def _of_account(check: str, facts: ServiceFacts, recorded: frozenset[str]) -> Iterator[Finding]:
    expected = recorded | ({facts.scope.account} if facts.scope.account else set())
    if facts.account is None:
        if facts.login is not None and any(probe.error is None for probe in facts.probes):
            yield finding(
                check,
                "account_unknown",
                "Nobody can say which account is reached.",
                "Set `account_id:` under the alias, or allow sts:GetCallerIdentity.",
            )
    elif expected - {facts.account}:
        others = ", ".join(sorted(expected - {facts.account}))
        yield finding(
            check,
            "account_differs",
            f"The credentials belong to account {facts.account}; configuration and state name {others}.",
            "Use the credentials of that account, or give what lives there an alias of its own.",
        )
    else:
        yield finding(check, "account_reached", f"The account is {facts.account}.")


def _of_probes(check: str, probes: Sequence[Probe]) -> Iterator[Finding]:
    told: set[str] = set()
    for probe in probes:
        if probe.error is None or probe.error.message in told:
            continue
        told.add(probe.error.message)
        code = "service_failed"
        if probe.error.code == "access_denied":
            code = "right_missing" if probe.needed else "right_advised"
        elif probe.error.code == "unsupported_operation":
            code = "operation_unoffered"
        elif not probe.needed:
            code = "right_advised"
        yield finding(check, code, probe.error.message, probe.error.remedy)
    if probes and not told:
        yield finding(check, "rights_granted", f"All {len(probes)} sorts of reads are allowed.")


def _of_sending(check: str, facts: ServiceFacts) -> Iterator[Finding]:
    sending = facts.sending
    if sending is None:
        return
    if not sending.production:
        yield finding(
            check,
            "sending_confined",
            f"The account is in SES's sandbox in {facts.scope.region}: it sends to verified recipients only.",
            "Ask AWS for production access in that region.",
        )
    if not sending.enabled:
        yield finding(
            check,
            "sending_paused",
            f"Sending is paused for the whole account in {facts.scope.region}.",
            "Look at the account's reputation and at AWS's messages; `aws sesv2 put-account-sending-attributes` turns it"
            " on again.",
        )
    if sending.production and sending.enabled:
        yield finding(check, "sending_allowed", "The account has production access, and sending is on.")


def of_objects(
    snapshot: Snapshot, gone: frozenset[Address], refusals: Sequence[Refusal], unread: Sequence[Unreadable]
) -> Iterator[Finding]:
    """Judge what a shallow refresh found of the resources in state, and what a plan refuses for what exists."""
    shown, more = first_of(sorted(gone))
    for address in shown:
        yield finding(
            "objects",
            "object_missing",
            f"{address} is in the state, and its service has it no more.",
            "`chanplan plan` shows what an apply would make anew, and what was lost with it.",
            address,
        )
    if more:
        yield finding(
            "objects", "object_missing", f"{more:,} more are in the state, and gone at their service."
        )
    for refusal in refusals:
        if refusal.code in _MARKS:
            code = "orphan" if refusal.code == "orphan" else "object_refused"
            yield finding("objects", code, refusal.reason, refusal.remedy, refusal.address)
    for each in unread:
        yield finding("objects", "check_left_out", each.problem.message, each.problem.remedy)
    places = {each.scope.place for each in unread}
    read = [each for each in snapshot.resources.values() if each.scope.place not in places]
    if read and not gone:
        yield finding(
            "objects", "objects_found", f"All {len(read):,} resources that could be read are there."
        )


def of_discovered(found: Findings) -> Iterator[Finding]:
    """Tell of objects that carry this workspace's mark and that neither its state nor its configuration knows."""
    told = [(each.found, each.owner) for each in found.proposals]
    told += [(each.found, each.owner) for each in found.unfit]
    lost = [each for each, owner in told if owner is Owner.ORPHAN]
    shown, more = first_of(lost)
    for each in shown:
        yield finding(
            "orphans",
            "orphan",
            f"{each.kind} {each.import_id} carries the mark of this workspace, and its state doesn't know it.",
            "`chanplan discover` writes the YAML that takes it back; or delete it by hand.",
        )
    if more:
        yield finding(
            "orphans", "orphan", f"{more:,} more objects carry this workspace's mark, unknown to its state."
        )
    for undiscovered in found.undiscovered:
        problem = undiscovered.problem
        yield finding(
            "orphans",
            "check_left_out",
            f"Among objects of {', '.join(undiscovered.kinds)} nobody looked: {problem.message}",
            problem.remedy,
        )
    if not lost and not found.undiscovered:
        looked_at = len(told) + len(found.unclaimed) + found.in_state + found.imported
        yield finding(
            "orphans",
            "no_orphans",
            f"None of {looked_at:,} objects is ours and unknown to both state and configuration.",
        )


def of_dns(verdicts: Mapping[Address, Sequence[RecordVerdict]]) -> Iterator[Finding]:
    """Judge whether those that answer for the domains of setups do answer."""
    silent = {
        address: verdict
        for address, those in verdicts.items()
        for verdict in those[:1]
        if verdict.outcome is Outcome.UNKNOWN
    }
    shown, more = first_of(sorted(silent))
    for address in shown:
        yield finding(
            "dns",
            "dns_silent",
            f"The DNS of {address} gives no answer: {silent[address].detail}",
            "Check the network, `nameservers:` and CHANPLAN_DNS_NAMESERVERS; gates stay as they were meanwhile.",
            address,
        )
    if more:
        yield finding("dns", "dns_silent", f"The DNS of {more:,} more setups gives no answer.")
    if verdicts and not silent:
        yield finding(
            "dns",
            "dns_answers",
            f"Name servers answer for all {len(verdicts)} setups of which they were asked.",
        )
