"""Lists: what the state remembers, without asking anybody. What didn't change since the last list isn't made anew."""

import threading
from collections.abc import Callable, Collection, Sequence
from typing import Generic, TypeVar

from chanplan.app.channels.remembering import RememberingStore
from chanplan.app.channels.views import setup_item, twilio_item, use_case_view
from chanplan.model.addresses import Address
from chanplan.model.channels import (
    EmailUseCaseView,
    SetupItem,
    TwilioSetupItem,
    UseCaseFilter,
    UseCaseView,
    VoiceUseCaseView,
)
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import Snapshot

_Item = TypeVar("_Item", bound=SetupItem | TwilioSetupItem | UseCaseView)
_Basis = tuple[object, ...]
"""What an item is made of: as long as these are the same objects, so is the item."""


class _Made(Generic[_Item]):
    """The items of one kind, oldest first. An unchanged one is the same object in every list."""

    def __init__(self, kind: str, store: RememberingStore) -> None:
        self._kind = kind
        self._store = store
        self._guard = threading.Lock()
        self._items: dict[Address, tuple[_Basis, _Item]] = {}
        self._listed: tuple[object, list[_Item]] = (None, [])

    def all(
        self,
        basis_of: Callable[[ResourceState, Snapshot], _Basis],
        make: Callable[[ResourceState, Snapshot], _Item],
    ) -> list[_Item]:
        """Give all that are finished."""
        with self._store.known() as known:
            snapshot, resources = known.snapshot, list(known.index.kinds[self._kind].values())
        with self._guard:
            if self._listed[0] is snapshot:
                return self._listed[1]
            before, now = self._items, {}
            for resource in resources:
                if not resource.complete:
                    continue
                basis = (resource, *basis_of(resource, snapshot))
                item = before.get(resource.address)
                if item is None or any(one is not other for one, other in zip(item[0], basis, strict=True)):
                    item = (basis, make(resource, snapshot))
                now[resource.address] = item
            listed = sorted((each for _, each in now.values()), key=lambda each: (each.created_at, each.id))
            self._items, self._listed = now, (snapshot, listed)
            return listed


class Lists:
    """The lists of one workspace. Those of setups hold what was last seen of them, whoever looked."""

    def __init__(self, store: RememberingStore) -> None:
        self._ses: _Made[SetupItem] = _Made("ses_setup", store)
        self._twilio: _Made[TwilioSetupItem] = _Made("twilio_setup", store)
        self._use_cases: _Made[UseCaseView] = _Made("use_case", store)

    def ses_setups(self, receiving_regions: Collection[str] | None) -> Sequence[SetupItem]:
        """Give all SES setups."""
        return self._ses.all(
            _observation,
            lambda resource, snapshot: setup_item(
                resource, snapshot.observations.get(resource.address), receiving_regions
            ),
        )

    def twilio_setups(self) -> Sequence[TwilioSetupItem]:
        """Give all Twilio setups."""
        return self._twilio.all(
            _observation,
            lambda resource, snapshot: twilio_item(resource, snapshot.observations.get(resource.address)),
        )

    def use_cases(self, only: UseCaseFilter) -> Sequence[UseCaseView]:
        """Give the use cases that fit a filter."""
        found = self._use_cases.all(
            lambda resource, snapshot: tuple(snapshot.resources.get(each) for each in resource.references),
            lambda resource, snapshot: use_case_view(resource, snapshot.resources),
        )
        return found if only == UseCaseFilter() else [each for each in found if _fits(each, only)]


def _observation(resource: ResourceState, snapshot: Snapshot) -> _Basis:
    return (snapshot.observations.get(resource.address),)


def _fits(item: UseCaseView, only: UseCaseFilter) -> bool:
    ses = item.ses_setup_id if isinstance(item, EmailUseCaseView) else None
    twilio = item.twilio_setup_id if isinstance(item, VoiceUseCaseView) else None
    return (
        only.entity_name in (None, item.entity_name)
        and only.channel in (None, item.channel)
        and only.twilio_setup_id in (None, twilio)
        and only.ses_setup_id in (None, ses)
    )
