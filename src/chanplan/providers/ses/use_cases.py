"""Making, changing and taking down email use cases: a configuration set and its place in the setup's tenant."""

from collections.abc import Collection

from chanplan.model.errors import Gone, Rejected
from chanplan.model.kinds.use_case import configuration_set_name
from chanplan.model.resources import Depth, Desired, Identity, Observed, ResourceState
from chanplan.model.values import Attributes, Facts
from chanplan.ports.provider import Checkpoint
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.configuration_sets import (
    ConfigurationSet,
    delete_set,
    find_set,
    make_set,
    set_pool,
)
from chanplan.providers.ses.identities import find_identity
from chanplan.providers.ses.making import Found, Progress
from chanplan.providers.ses.marks import (
    Tags,
    marked,
    marks_in,
    marks_told,
    observed_tags,
    refuse_foreign,
    refuse_taking,
    retag,
    retag_as_ours,
)
from chanplan.providers.ses.place import Place, Service
from chanplan.providers.ses.tenants import associate, dissociate, tenants_of

SET, ASSOCIATION, POOL = "configuration set", "association", "sending pool"
"""The parts of an email use case, as people read them in progress and in what is incomplete."""


LASTING = ("configuration_set_name", "configuration_set_arn")
"""The facts of an email use case that a state remembers; its tier is the engine's own."""
_REMEDY = "Choose another entity_name or name: what isn't marked as this use case's is never taken over."


def set_name(attributes: Attributes, facts: Facts) -> str:
    """Give the name of a use case's configuration set: as learned, as imported, or as derived."""
    known = facts.get("configuration_set_name") or attributes.get("configuration_set_name")
    if known is not None:
        return str(known)
    return configuration_set_name(str(attributes["entity_name"]), str(attributes["name"]))


class UseCases:
    """Resources of kind `use_case` with channel email."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def read(self, identity: Identity) -> Observed | None:
        """Read one configuration set, and whether it is in its setup's tenant."""
        place = self._service.place(identity.scope)
        live = find_set(place.calls, set_name(identity.attributes, identity.facts))
        if live is None:
            return None
        arn = place.home().configuration_set(live.name)
        tenant = identity.context.get("tenant_name")
        holders = () if tenant is None else tenants_of(place.calls, arn)
        associated = tenant is None or tenant in holders
        others = [holder for holder in holders if holder != tenant]
        return Observed(
            attributes={"sending_pool": live.sending_pool} | observed_tags(identity.attributes, live.tags),
            facts={
                "configuration_set_name": live.name,
                "configuration_set_arn": arn,
                "sending_enabled": live.sending_enabled,
                "reputation_metrics_enabled": live.reputation_metrics,
                "tls_policy": live.tls_policy,
                **({"other_tenants": others} if others else {}),
            },
            read_at=self._service.clock.now(),
            depth=Depth.DIRECT,
            marks=marks_told(live.tags),
            incomplete=() if associated else (ASSOCIATION,),
        )

    def create(self, desired: Desired, id: str, partial: Facts, checkpoint: Checkpoint) -> Facts:
        """Make a configuration set and put it into the setup's tenant, or what is missing of that."""
        place, name = self._service.place(desired.scope), set_name(desired.attributes, {})
        # What the second call needs is known before the first one makes anything.
        tenant, arn = _tenant(desired), place.home().configuration_set(name)
        made = make_set(
            place.calls,
            name,
            _pool(desired.attributes),
            marked(id, self._service.workspace, desired.attributes),
        )
        live = made.object
        if isinstance(made, Found):
            _refuse_foreign(name, id, live.tags, remembered=False)
            if live.sending_pool != _pool(desired.attributes):
                set_pool(place.calls, live, _pool(desired.attributes))
            retag(place.calls, arn, live.tags, desired.attributes, {})
        progress = Progress(partial, checkpoint, LASTING)
        progress.done(SET, configuration_set_name=name, configuration_set_arn=arn)
        associate(place.calls.soon(), tenant, arn)
        progress.done(ASSOCIATION)
        return progress.facts

    def update(
        self, prior: ResourceState, desired: Desired, changed: tuple[str, ...], checkpoint: Checkpoint
    ) -> Facts:
        """Change pool and tags, and mend the association."""
        place, name = self._service.place(prior.scope), set_name(prior.attributes, prior.facts)
        live = _found(place, name)
        _refuse_foreign(name, prior.id, live.tags, remembered=_is_remembered(place.calls, prior))
        progress = Progress(_known(place, prior, name), checkpoint)
        return _bring_up(place, prior, desired, changed, progress, live)

    def take(
        self,
        prior: ResourceState,
        desired: Desired,
        changed: tuple[str, ...],
        taken_from: Collection[str],
        checkpoint: Checkpoint,
    ) -> Facts:
        """Mark a configuration set, and bring it up to what is declared."""
        place, name = self._service.place(prior.scope), set_name(prior.attributes, prior.facts)
        live = _found(place, name)
        refuse_taking(f"Configuration set {name}", live.tags, prior.id, taken_from, _REMEDY)
        progress = Progress(_known(place, prior, name), checkpoint)
        # What the association needs is known before anything is changed.
        _tenant(desired)
        if retag_as_ours(
            place.calls,
            place.home().configuration_set(name),
            live.tags,
            prior.id,
            self._service.workspace,
            desired.attributes,
            prior.attributes,
        ):
            progress.done(f"mark of {SET}")
        changed = tuple(each for each in changed if each != "tags")
        return _bring_up(place, prior, desired, changed, progress, live)

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Take a configuration set out of its tenant and delete it."""
        place, name = self._service.place(prior.scope), set_name(prior.attributes, prior.facts)
        calls = place.calls
        live = find_set(calls, name)
        if live is None or (not prior.complete and marks_in(live.tags).id != prior.id):
            # Gone; or a create that never made it found somebody else's under that name, which stays.
            return
        _refuse_foreign(name, prior.id, live.tags, remembered=_is_remembered(place.calls, prior))
        arn, ours = place.home().configuration_set(name), prior.context.get("tenant_name")
        holders = tenants_of(calls, arn)
        _refuse_held(name, [holder for holder in holders if holder != ours])
        progress = Progress({}, checkpoint)
        domain = prior.context.get("domain_identity")
        if isinstance(domain, str) and _is_default_of(calls, domain.lower(), name):
            # SES deletes a set that is a domain's default without a word, and then refuses that domain's mail.
            calls("sesv2:PutEmailIdentityConfigurationSetAttributes", EmailIdentity=domain.lower())
            progress.done("default configuration set")
        for holder in holders:
            dissociate(calls, holder, arn)
            progress.done(ASSOCIATION)
        delete_set(calls, name)
        progress.done(SET)


def _found(place: Place, name: str) -> ConfigurationSet:
    live = find_set(place.calls, name)
    if live is None:
        raise Gone(f"Configuration set {name} isn't there any more.")
    return live


def _known(place: Place, prior: ResourceState, name: str) -> Facts:
    arn = place.home().configuration_set(name)
    return {**prior.facts, "configuration_set_name": name, "configuration_set_arn": arn}


def _bring_up(
    place: Place,
    prior: ResourceState,
    desired: Desired,
    changed: Collection[str],
    progress: Progress,
    live: ConfigurationSet,
) -> Facts:
    """Change what is named of a set that is ours, and put it into its tenant."""
    arn, tenant = place.home().configuration_set(live.name), _tenant(desired)
    if tenant not in tenants_of(place.calls, arn):
        associate(place.calls, tenant, arn)
        progress.done(ASSOCIATION)
    wanted = _pool(desired.attributes)
    if "sending_pool" in changed and live.sending_pool != wanted:
        set_pool(place.calls, live, wanted)
        progress.done(POOL)
    if "tags" in changed:
        # Before: what is refused half-way has done the other half.
        progress.done("tags")
        retag(place.calls, arn, live.tags, desired.attributes, prior.attributes)
    return progress.facts


def _pool(attributes: Attributes) -> str | None:
    pool = attributes.get("sending_pool")
    return pool if isinstance(pool, str) else None


def _tenant(desired: Desired) -> str:
    tenant = desired.context.get("tenant_name")
    if not isinstance(tenant, str):
        raise Rejected(
            f"The setup of {desired.address} isn't known, so its tenant isn't either.",
            remedy="Apply the setup first.",
            code="setup_unknown",
        )
    return tenant


def _is_default_of(calls: Calls, domain: str, name: str) -> bool:
    identity = find_identity(calls, domain)
    return identity is not None and identity.default_set == name


def _is_remembered(calls: Calls, prior: ResourceState) -> bool:
    """Tell whether the name alone says whose it is: where the state knows it, and no account is AWS's own."""
    return prior.complete and not calls.at_aws("sesv2")


def _refuse_foreign(name: str, id: str, tags: Tags, *, remembered: bool) -> None:
    refuse_foreign(f"Configuration set {name}", tags, id, _REMEDY, remembered=remembered)


def _refuse_held(name: str, others: list[str]) -> None:
    if others:
        raise Rejected(
            f"Configuration set {name} also belongs to tenants that aren't its setup's: {', '.join(others)}.",
            remedy="Take it from them first, when their owners agree:\n"
            f"  aws sesv2 delete-tenant-resource-association --tenant-name {others[0]} --resource-arn …",
            code="configuration_set_in_use",
        )
