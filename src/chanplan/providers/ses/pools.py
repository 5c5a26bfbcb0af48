"""Sending pools: dedicated IP pools by their names, with marks that only a second call tells."""

from collections.abc import Collection
from dataclasses import dataclass

from chanplan.model.errors import Gone, Rejected
from chanplan.model.resources import Depth, Desired, Identity, Observed, ResourceState
from chanplan.model.values import Facts, Value
from chanplan.ports.provider import Checkpoint
from chanplan.providers.ses.accounts import unknown_account
from chanplan.providers.ses.answers import block, blocks, text
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.errors import Unoffered
from chanplan.providers.ses.making import Found, Progress, made_or_found
from chanplan.providers.ses.marks import (
    NoTagging,
    Tags,
    marked,
    marks_in,
    marks_told,
    observed_tags,
    refuse_foreign,
    refuse_taking,
    retag,
    retag_as_ours,
    tags_in,
)
from chanplan.providers.ses.place import Place, Service

_REMEDY = "Choose another pool_name: what isn't marked as this pool's is never taken over."


@dataclass(frozen=True, slots=True)
class Pool:
    """One dedicated IP pool as SES has it."""

    scaling: str
    """`standard` or `managed`."""
    arn: str | None
    """None where nobody knows the account; the tags can't be asked for then."""
    tags: Tags | None

    @property
    def facts(self) -> dict[str, Value]:
        """What is worth remembering."""
        return {} if self.arn is None else {"pool_arn": self.arn}


class Pools:
    """Resources of kind `sending_pool`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def read(self, identity: Identity) -> Observed | None:
        """Read one pool: its scaling and its tags."""
        name = _name(identity)
        pool = find_pool(self._service.place(identity.scope), name, identity.facts)
        if pool is None:
            return None
        seen: dict[str, Value] = {"pool_name": name, "scaling": pool.scaling}
        if pool.tags is not None:
            seen |= observed_tags(identity.attributes, pool.tags)
        return Observed(
            attributes=seen,
            facts={**pool.facts, **_addresses(self._service.place(identity.scope), name, pool)},
            read_at=self._service.clock.now(),
            depth=Depth.DIRECT,
            marks=None if pool.tags is None else marks_told(pool.tags),
        )

    def create(self, desired: Desired, id: str, partial: Facts, checkpoint: Checkpoint) -> Facts:
        """Make a pool, or find the one that an earlier attempt made."""
        place, name = self._service.place(desired.scope), _name(desired)
        scaling, tags = (
            str(desired.attributes["scaling"]),
            marked(id, self._service.workspace, desired.attributes),
        )

        def make() -> Pool:
            place.calls("sesv2:CreateDedicatedIpPool", PoolName=name, ScalingMode=scaling.upper(), Tags=tags)
            return Pool(scaling, _arn(place, name, {}), tags_in({"Tags": tags}))

        made = made_or_found(make, lambda: find_pool(place, name, partial))
        if isinstance(made, Found):
            arn, live = _refuse_foreign(desired, id, made.object, remembered=False)
            if made.object.scaling != scaling:
                _scale(place, name, scaling)
            retag(place.calls, arn, live, desired.attributes, {})
        progress = Progress(partial, checkpoint, ("pool_arn",))
        progress.done("pool", **made.object.facts)
        return progress.facts

    def update(
        self, prior: ResourceState, desired: Desired, changed: tuple[str, ...], checkpoint: Checkpoint
    ) -> Facts:
        """Change scaling and tags. Raises `Rejected` for a pool that would have to be standard again."""
        place, name = self._service.place(prior.scope), _name(prior)
        pool = _found(place, name, prior.facts)
        arn, tags = _refuse_foreign(prior, prior.id, pool, remembered=not place.calls.at_aws("sesv2"))
        progress = Progress({**prior.facts, **pool.facts}, checkpoint)
        _bring_up(place, name, pool, desired, changed, progress)
        if "tags" in changed:
            # Before: what is refused half-way has done the other half.
            progress.done("tags")
            retag(place.calls, arn, tags, desired.attributes, prior.attributes)
        return progress.facts

    def take(
        self,
        prior: ResourceState,
        desired: Desired,
        changed: tuple[str, ...],
        taken_from: Collection[str],
        checkpoint: Checkpoint,
    ) -> Facts:
        """Mark a pool, and change its scaling. Raises `Rejected` where nobody knows the account, since a pool's tags
        can't be reached then."""
        place, name = self._service.place(prior.scope), _name(prior)
        pool = _found(place, name, prior.facts)
        arn, tags = _reachable(prior, pool)
        refuse_taking(f"Sending pool {name}", tags, prior.id, taken_from, _REMEDY)
        progress = Progress({**prior.facts, **pool.facts}, checkpoint)
        if retag_as_ours(
            place.calls,
            arn,
            tags,
            prior.id,
            self._service.workspace,
            desired.attributes,
            prior.attributes,
        ):
            progress.done("mark")
        _bring_up(place, name, pool, desired, changed, progress)
        return progress.facts

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Delete a pool, and with it its addresses."""
        place, name = self._service.place(prior.scope), _name(prior)
        pool = find_pool(place, name, prior.facts)
        if pool is None or (
            not prior.complete and pool.tags is not None and marks_in(pool.tags).id != prior.id
        ):
            # Gone; or a create that never made it found somebody else's under that name, which stays.
            return
        _refuse_foreign(prior, prior.id, pool, remembered=prior.complete and not place.calls.at_aws("sesv2"))
        try:
            place.calls("sesv2:DeleteDedicatedIpPool", PoolName=name)
        except Gone:
            return
        checkpoint("pool", {})


def _found(place: Place, name: str, facts: Facts) -> Pool:
    pool = find_pool(place, name, facts)
    if pool is None:
        raise Gone(f"Sending pool {name} isn't there any more.")
    return pool


def _bring_up(
    place: Place,
    name: str,
    pool: Pool,
    desired: Desired,
    changed: Collection[str],
    progress: Progress,
) -> None:
    wanted = str(desired.attributes["scaling"])
    if "scaling" in changed and pool.scaling != wanted:
        _scale(place, name, wanted)
        progress.done("scaling")


def _scale(place: Place, name: str, scaling: str) -> None:
    place.calls("sesv2:PutDedicatedIpPoolScalingAttributes", PoolName=name, ScalingMode=scaling.upper())


def find_pool(place: Place, name: str, facts: Facts) -> Pool | None:
    """Read a pool by its name."""
    try:
        answer = block(place.calls("sesv2:GetDedicatedIpPool", PoolName=name), "DedicatedIpPool")
        arn = _arn(place, name, facts)
        tags = None if arn is None else _tags(place.calls, arn)
    except Gone:
        return None
    return Pool((text(answer, "ScalingMode") or "STANDARD").lower(), arn, tags)


def _tags(calls: Calls, arn: str) -> Tags:
    try:
        return tags_in(calls("sesv2:ListTagsForResource", ResourceArn=arn))
    except Unoffered as error:
        if calls.at_aws("sesv2"):
            raise
        calls.do_without(error, "tags stay unchecked, and what the state remembers is taken for ours")
        return NoTagging()


def _addresses(place: Place, name: str, pool: Pool) -> dict[str, Value]:
    """Say whether anybody put an address into a pool; SES itself does for managed ones. Nothing where it can't be asked."""
    if pool.scaling != "standard":
        return {}
    try:
        answer = place.calls("sesv2:GetDedicatedIps", PoolName=name, PageSize=1)
    except (Gone, Rejected):
        return {}
    return {"has_addresses": bool(blocks(answer, "DedicatedIps"))}


def _name(resource: Desired | ResourceState | Identity) -> str:
    return str(resource.attributes["pool_name"])


def _arn(place: Place, name: str, facts: Facts) -> str | None:
    known = facts.get("pool_arn")
    if isinstance(known, str):
        return known
    try:
        return place.home().pool(name)
    except Rejected as error:
        if error.code != "account_unknown":
            raise
        return None


def _refuse_foreign(
    resource: Desired | ResourceState, id: str, pool: Pool, *, remembered: bool
) -> tuple[str, Tags]:
    """Raise unless the pool is known to be ours; give its ARN and tags, which are known then."""
    arn, tags = _reachable(resource, pool)
    name = resource.attributes["pool_name"]
    refuse_foreign(f"Sending pool {name}", tags, id, _REMEDY, remembered=remembered)
    return arn, tags


def _reachable(resource: Desired | ResourceState, pool: Pool) -> tuple[str, Tags]:
    """Give ARN and tags of a pool. Raises `Rejected` where nobody knows them."""
    if pool.arn is None or pool.tags is None:
        name = resource.attributes["pool_name"]
        raise unknown_account(resource.scope.alias, f"without it nobody can say whose pool {name} is")
    return pool.arn, pool.tags
