"""What the state remembers, filtered as the Channel Manager's lists are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chanplan.app.guarding import check_workspace
from chanplan.app.looking import Seen, remembered
from chanplan.app.workspace import Workspace
from chanplan.model.addresses import Address
from chanplan.model.holding import Holding
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import Run


@dataclass(frozen=True, slots=True)
class Filter:
    """What to list; None lets everything pass."""

    kind: str | None = None
    entity_name: str | None = None
    channel: str | None = None
    setup: Address | None = None

    def passes(self, resource: ResourceState) -> bool:
        """Tell whether a resource is listed."""
        attributes = resource.attributes
        return (
            (self.kind is None or resource.address.kind == self.kind)
            and (self.entity_name is None or attributes.get("entity_name") == self.entity_name)
            and (self.channel is None or attributes.get("channel") == self.channel)
            and (self.setup is None or self.setup in resource.references)
        )


def history(workspace: Workspace, limit: int) -> tuple[Sequence[Run], Holding | None]:
    """Give the latest runs, newest first, and, when the newest has no result, who holds the lock: it is under way only
    then.

    Calls no service. Raises `StateUnreadable`, also for another workspace's state.
    """
    check_workspace(workspace.configuration, workspace.store.load())
    runs = workspace.store.runs(limit)
    return runs, workspace.store.held() if runs and runs[0].result is None else None


@dataclass(frozen=True, slots=True)
class States:
    """Resources, and the ids of all by address."""

    resources: tuple[Seen, ...]
    ids: Mapping[Address, str]


def states(workspace: Workspace, wanted: Filter) -> States:
    """Give the resources that pass, sorted by address, without any call."""
    snapshot = workspace.store.load()
    passing = [
        address for address in sorted(snapshot.resources) if wanted.passes(snapshot.resources[address])
    ]
    return States(
        remembered(workspace, passing),
        {address: resource.id for address, resource in snapshot.resources.items()},
    )
