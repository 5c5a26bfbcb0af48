"""Making, changing and taking down setups.

A setup is a tenant with a reputation policy, a domain identity with a MAIL FROM domain, the association of the
two, and perhaps an entry in a receipt rule. SES has no transaction over these, so each step can be done twice
and stands in an order in which stopping anywhere leaves something that the next run can finish.
"""

from collections.abc import Collection, Iterator
from contextlib import suppress

from chanplan.model.errors import Foreign, Gone, ProviderError, Rejected
from chanplan.model.kinds.ses_setup import mail_from_domain
from chanplan.model.resources import Desired, Identity, Observed, ResourceState
from chanplan.model.values import Attributes, Facts, Value
from chanplan.ports.provider import Checkpoint
from chanplan.providers.ses.arns import kind_and_name
from chanplan.providers.ses.identities import (
    VERIFIED,
    DomainIdentity,
    delete_identity,
    find_identity,
    make_identity,
    restart_dkim,
    set_mail_from,
)
from chanplan.providers.ses.making import Found, Made, Progress
from chanplan.providers.ses.marks import (
    NoTagging,
    marked,
    marks_in,
    refuse_foreign,
    refuse_taking,
    retag,
    retag_as_ours,
)
from chanplan.providers.ses.place import Place, Service
from chanplan.providers.ses.receiving import Receiving
from chanplan.providers.ses.setup_reading import (
    ASSOCIATION,
    IDENTITY,
    MAIL_FROM,
    POLICY,
    RULE,
    RULE_SET,
    TENANT,
    domain_of,
    read_setup,
    receiving_of,
    tenant_name,
)
from chanplan.providers.ses.tenants import (
    Tenant,
    Untold,
    associate,
    delete_tenant,
    dissociate,
    find_reputation,
    find_tenant,
    make_tenant,
    resources_of,
    set_reputation_policy,
    set_sending,
    tenants_of,
)

SENDING = "sending"
"""Among what changes: the tenant's mail is stopped or goes on, and nothing else is looked at."""
RULE_SETS = "receipt_rule_sets"
"""The fact that names every receipt rule set in which a rule of ours may stand for the domain."""
LASTING = (
    "tenant_id",
    "tenant_arn",
    "identity_arn",
    "dkim_tokens",
    "dkim_zone",
    "verification_started_at",
    RULE_SETS,
)
"""The facts of a setup that a state remembers."""
_REMEDY = (
    "Choose another tenant_name or domain_identity: what isn't marked as this setup's is never taken over."
)


class Setups:
    """Resources of kind `ses_setup`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.receiving = Receiving(service.workspace, service.clock)

    def read(self, identity: Identity) -> Observed | None:
        """Read one setup, with everything that SES reports."""
        place = self._service.place(identity.scope)
        return read_setup(place, self.receiving, identity, self._service.clock.now())

    def create(self, desired: Desired, id: str, partial: Facts, checkpoint: Checkpoint) -> Facts:
        """Make a setup, or what is missing of it."""
        place, attributes = self._service.place(desired.scope), desired.attributes
        receiving = receiving_of(attributes)
        if receiving is not None:
            self.receiving.require(place.calls, receiving)
        progress = Progress(partial, checkpoint, LASTING)
        made = self._make_tenant(place, desired, id, progress)
        tenant, soon = made.object, place.calls.soon()
        set_reputation_policy(soon, tenant.arn, str(attributes["reputation_policy"]))
        progress.done(POLICY)
        try:
            identity = self._make_identity(place, desired, id, progress)
        except Foreign:
            # The domain is somebody else's: a tenant that is seconds old and empty must not be left behind.
            if isinstance(made, Made):
                with suppress(ProviderError):
                    delete_tenant(place.calls, tenant.name)
            raise
        if identity.mail_from != mail_from_domain(attributes).lower():
            set_mail_from(soon, identity.domain, mail_from_domain(attributes).lower())
        progress.done(MAIL_FROM)
        associate(soon, tenant.name, place.home().identity(identity.domain))
        progress.done(ASSOCIATION)
        self._route(place, identity.domain, {}, attributes, progress)
        return progress.facts

    def update(
        self, prior: ResourceState, desired: Desired, changed: tuple[str, ...], checkpoint: Checkpoint
    ) -> Facts:
        """Change what is named, and make what is missing."""
        place = self._service.place(prior.scope)
        if SENDING in changed:
            return self._switch(place, prior, desired)
        tenant, identity = _found(place, desired)
        self._refuse_foreign(desired, prior.id, tenant, identity, prior.facts)
        return self._bring_up(
            place, prior, desired, changed, Progress(prior.facts, checkpoint), tenant, identity
        )

    def _switch(self, place: Place, prior: ResourceState, desired: Desired) -> Facts:
        """Stop the tenant's mail or let it go on, and nothing else: in an incident nobody wants the rest mended first."""
        name = tenant_name(prior.attributes)
        tenant = find_tenant(place.calls, name)
        if tenant is None:
            raise Gone(f"Tenant {name} isn't there any more.")
        self._refuse_foreign(prior, prior.id, tenant, None, prior.facts)
        set_sending(place.calls, tenant.arn, str(desired.attributes[SENDING]))
        return prior.facts

    def take(
        self,
        prior: ResourceState,
        desired: Desired,
        changed: tuple[str, ...],
        taken_from: Collection[str],
        checkpoint: Checkpoint,
    ) -> Facts:
        """Mark tenant and identity, whichever are there, and bring the setup up to what is declared."""
        place = self._service.place(prior.scope)
        tenant, identity = _found(place, desired)
        for what, part in _parts(desired, tenant, identity):
            refuse_taking(what, part.tags, prior.id, taken_from, _REMEDY)
        progress = Progress(prior.facts, checkpoint)
        if tenant is not None:
            place.learn(tenant.arn)
            if self._mark(place, tenant.arn, tenant, prior, desired):
                progress.done(f"mark of {TENANT}")
            progress.facts |= {"tenant_id": tenant.id, "tenant_arn": tenant.arn}
        if identity is not None:
            arn = place.home().identity(identity.domain)
            if self._mark(place, arn, identity, prior, desired):
                progress.done(f"mark of {IDENTITY}")
            since = progress.facts.get("verification_started_at")
            since = since or (identity.key_made_at or self._service.clock.now()).isoformat()
            progress.facts |= {"identity_arn": arn, "verification_started_at": since, **identity.lasting}
        changed = tuple(name for name in changed if name != "tags")
        return self._bring_up(place, prior, desired, changed, progress, tenant, identity)

    def _mark(
        self,
        place: Place,
        arn: str,
        part: Tenant | DomainIdentity,
        prior: ResourceState,
        desired: Desired,
    ) -> bool:
        return retag_as_ours(
            place.calls,
            arn,
            part.tags,
            prior.id,
            self._service.workspace,
            desired.attributes,
            prior.attributes,
        )

    def _bring_up(
        self,
        place: Place,
        prior: ResourceState,
        desired: Desired,
        changed: tuple[str, ...],
        progress: Progress,
        tenant: Tenant | None,
        identity: DomainIdentity | None,
    ) -> Facts:
        """Change what is named of a setup that is ours, and make what is missing."""
        attributes = desired.attributes
        domain, name = domain_of(attributes), tenant_name(attributes)
        if tenant is None:
            tenant = self._make_tenant(place, desired, prior.id, progress).object
            changed = (*changed, "reputation_policy")
        if identity is None:
            identity = self._make_identity(place, desired, prior.id, progress)
        self._mend_policy(place, tenant, attributes, changed, progress)
        self._mend_verification(place, identity, attributes, changed, progress)
        arn = place.home().identity(domain)
        if name not in tenants_of(place.calls, arn):
            associate(place.calls, name, arn)
            progress.done(ASSOCIATION)
        self._route(place, domain, prior.attributes, attributes, progress)
        if "tags" in changed:
            # Before: what is refused half-way has done the other half.
            progress.done("tags")
            retag(place.calls, tenant.arn, tenant.tags, attributes, prior.attributes)
            retag(place.calls, arn, identity.tags, attributes, prior.attributes)
        return progress.facts

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Take a setup down; what isn't there any more is passed over."""
        place, attributes = self._service.place(prior.scope), prior.attributes
        calls, domain, name = place.calls, domain_of(attributes), tenant_name(attributes)
        tenant, identity = find_tenant(calls, name), find_identity(calls, domain)
        if prior.complete:
            self._refuse_foreign(prior, prior.id, tenant, identity, prior.facts)
        else:
            # A create that never got as far as a part may find somebody else's under that name: that one stays.
            tenant = tenant if tenant is not None and _is_ours(tenant, prior) else None
            identity = identity if identity is not None and _is_ours(identity, prior) else None
        arn = None if identity is None else place.home().identity(domain)
        if tenant is not None:
            _refuse_in_use(tenant.name, resources_of(calls, tenant.name))
        holders = () if arn is None else tenants_of(calls, arn)
        _refuse_held(domain, [holder for holder in holders if holder != name])
        progress = Progress({}, checkpoint)
        rule_sets = _rule_sets(attributes, prior.facts)
        for rule_set in sorted(rule_sets):
            self.receiving.remove(calls, domain, rule_set)
        if rule_sets:
            progress.done(RULE)
        if arn is not None:
            if name in holders:
                dissociate(calls, name, arn)
                progress.done(ASSOCIATION)
            delete_identity(calls, domain)
            progress.done(IDENTITY)
        if tenant is not None:
            delete_tenant(calls, tenant.name)
            progress.done(TENANT)

    def _make_tenant(
        self, place: Place, desired: Desired, id: str, progress: Progress
    ) -> Made[Tenant] | Found[Tenant]:
        made = make_tenant(
            place.calls,
            tenant_name(desired.attributes),
            marked(id, self._service.workspace, desired.attributes),
        )
        if isinstance(made, Found):
            self._refuse_foreign(desired, id, made.object, None, progress.facts)
            retag(place.calls, made.object.arn, made.object.tags, desired.attributes, {})
        place.learn(made.object.arn)
        progress.done(TENANT, tenant_id=made.object.id, tenant_arn=made.object.arn)
        return made

    def _make_identity(self, place: Place, desired: Desired, id: str, progress: Progress) -> DomainIdentity:
        made = make_identity(
            place.calls,
            domain_of(desired.attributes),
            marked(id, self._service.workspace, desired.attributes),
        )
        identity = made.object
        if isinstance(made, Found):
            self._refuse_foreign(desired, id, None, identity, progress.facts)
            retag(
                place.calls,
                place.home().identity(identity.domain),
                identity.tags,
                desired.attributes,
                {},
            )
        since = progress.facts.get("verification_started_at")
        if since is None or isinstance(made, Made):
            # SES doesn't say since when it looks; the making of the key is the closest that it tells.
            since = (identity.key_made_at or self._service.clock.now()).isoformat()
        progress.done(
            IDENTITY,
            identity_arn=place.home().identity(identity.domain),
            verification_started_at=since,
            **identity.lasting,
        )
        return identity

    def _mend_policy(
        self,
        place: Place,
        tenant: Tenant,
        attributes: Attributes,
        changed: tuple[str, ...],
        progress: Progress,
    ) -> None:
        reputation = find_reputation(place.calls, tenant.arn)
        if isinstance(reputation, Untold):
            return
        live = None if reputation is None else reputation.policy
        wanted = str(attributes["reputation_policy"])
        if live is None or (live != wanted and "reputation_policy" in changed):
            set_reputation_policy(place.calls, tenant.arn, wanted)
            progress.done(POLICY)

    def _mend_verification(
        self,
        place: Place,
        identity: DomainIdentity,
        attributes: Attributes,
        changed: tuple[str, ...],
        progress: Progress,
    ) -> None:
        wanted = mail_from_domain(attributes).lower()
        # Repeating what is verified could take its verification away, so only what isn't is restarted.
        restart = "verification" in changed
        again = restart and identity.mail_from_status != VERIFIED
        differs = identity.mail_from != wanted and (identity.mail_from is None or "mail_from" in changed)
        facts: dict[str, Value] = {}
        if again or differs:
            set_mail_from(place.calls, identity.domain, wanted)
        if again or differs or "mail_from" in changed:
            # Also when an earlier attempt did it: nobody else knows when.
            facts["verification_started_at"] = self._service.clock.now().isoformat()
        if restart and identity.dkim_status != VERIFIED:
            facts |= restart_dkim(place.calls, identity.domain)
            facts["verification_started_at"] = self._service.clock.now().isoformat()
        if facts:
            progress.done("verification" if restart else MAIL_FROM, **facts)

    def _route(
        self, place: Place, domain: str, before: Attributes, after: Attributes, progress: Progress
    ) -> None:
        """Put the domain where it is declared, and take it from every rule set in which any attempt put it.

        The set is written down before anything is changed in it: a move takes several writes, and of several attempts
        that were killed, each with another set declared, the attributes tell of the last one alone.
        """
        old, new, held = receiving_of(before), receiving_of(after), _rule_sets(before, progress.facts)
        wanted = set() if new is None else {str(new["rule_set"])}
        if old != new or not wanted <= held:
            progress.done(RULE_SET, **{RULE_SETS: sorted(held | wanted)})
        if new is not None:
            self.receiving.place(place.calls, domain, new)
        for rule_set in sorted(held - wanted):
            self.receiving.remove(place.calls, domain, rule_set)
        if held or wanted:
            progress.done(RULE, **{RULE_SETS: sorted(wanted)})

    @staticmethod
    def _refuse_foreign(
        resource: Desired | ResourceState,
        id: str,
        tenant: Tenant | None,
        identity: DomainIdentity | None,
        facts: Facts,
    ) -> None:
        for what, part in _parts(resource, tenant, identity):
            refuse_foreign(what, part.tags, id, _REMEDY, remembered=_is_remembered(part, facts))


def _found(place: Place, desired: Desired) -> tuple[Tenant | None, DomainIdentity | None]:
    """Read the two marked parts of a setup. Raises `Gone` when neither is there."""
    name, domain = tenant_name(desired.attributes), domain_of(desired.attributes)
    tenant, identity = find_tenant(place.calls, name), find_identity(place.calls, domain)
    if tenant is None and identity is None:
        raise Gone(f"Neither tenant {name} nor domain identity {domain} is there any more.")
    return tenant, identity


def _parts(
    resource: Desired | ResourceState, tenant: Tenant | None, identity: DomainIdentity | None
) -> Iterator[tuple[str, Tenant | DomainIdentity]]:
    """Give the marked parts that are there, with what people call them."""
    if tenant is not None:
        yield f"Tenant {tenant_name(resource.attributes)}", tenant
    if identity is not None:
        yield f"Domain identity {domain_of(resource.attributes)}", identity


def _rule_sets(attributes: Attributes, facts: Facts) -> set[str]:
    """Give the rule sets in which the domain may stand: those written down, and the one that was declared."""
    written = facts.get(RULE_SETS)
    named = {str(name) for name in written} if isinstance(written, list | tuple) else set()
    receiving = receiving_of(attributes)
    return named if receiving is None else named | {str(receiving["rule_set"])}


def _is_remembered(part: Tenant | DomainIdentity, facts: Facts) -> bool:
    """Tell by what SES draws anew for each whether it is the one that was made."""
    if isinstance(part, Tenant):
        return part.id == facts.get("tenant_id")
    return bool(part.dkim_tokens) and list(part.dkim_tokens) == facts.get("dkim_tokens")


def _is_ours(part: Tenant | DomainIdentity, prior: ResourceState) -> bool:
    if isinstance(part.tags, NoTagging):
        return _is_remembered(part, prior.facts)
    return marks_in(part.tags).id == prior.id


def _refuse_in_use(tenant: str, resources: tuple[str, ...]) -> None:
    sets = [name for kind, name in (kind_and_name(arn) for arn in resources) if kind == "configuration-set"]
    if sets:
        raise Rejected(
            f"Tenant {tenant} still has configuration sets: {', '.join(sets[:10])}{' and more' if sets[10:] else ''}.",
            remedy="Remove the use cases that they belong to first; what isn't chanplan's, its owner must move.",
            code="setup_in_use",
        )


def _refuse_held(domain: str, others: list[str]) -> None:
    if others:
        raise Rejected(
            f"Domain identity {domain} also belongs to tenants that aren't this setup's: {', '.join(others)}.",
            remedy="Take it from them first, when their owners agree:\n"
            f"  aws sesv2 delete-tenant-resource-association --tenant-name {others[0]} --resource-arn …",
            code="identity_in_use",
        )
