"""Which pool carries a use case's mail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chanplan.model.addresses import Address
from chanplan.model.kinds.sending_pool import SHARED_POOL, TIERS
from chanplan.model.kinds.use_case import FIRST_TIER
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.scopes import Place
from chanplan.model.tier_evidence import SUSPENDED
from chanplan.model.values import Value


@dataclass(frozen=True, slots=True)
class PoolMissing:
    """No declared pool carries this family and tier."""

    family: str
    tier: str


def tier_of(resource: ResourceState | None) -> str:
    """Give the recorded tier; a use case that isn't made yet starts at the first."""
    tier = None if resource is None else resource.facts.get("tier")
    return tier if isinstance(tier, str) else FIRST_TIER


class PoolMap:
    """The declared pools, by place, family and tier."""

    def __init__(self, pools: Iterable[Desired]) -> None:
        self._names: dict[tuple[Place, str, str], str] = {}
        self._addresses: dict[tuple[Place, str], list[Address]] = {}
        self._places: set[Place] = set()
        for pool in pools:
            place, family = pool.scope.place, str(pool.attributes["family"])
            self._places.add(place)
            self._addresses.setdefault((place, family), []).append(pool.address)
            tiers = pool.attributes["tiers"]
            for tier in tiers if isinstance(tiers, list | tuple) else ():
                self._names[place, family, str(tier)] = str(pool.attributes["pool_name"])

    def pool_for(self, use_case: Desired, tier: str) -> str | PoolMissing | None:
        """Give the name of the pool, None where SES's default applies because no pool is declared there at all."""
        if tier == SUSPENDED:
            return SHARED_POOL
        place, family = use_case.scope.place, str(use_case.attributes["email_type"])
        if place not in self._places:
            return None
        return self._names.get((place, family, tier)) or PoolMissing(family, tier)

    def tier_served(self, use_case: Desired, pool: Value) -> str | None:
        """Give the lowest tier of a use case's family that a pool carries, None where it carries none."""
        place, family = use_case.scope.place, str(use_case.attributes["email_type"])
        return next((tier for tier in TIERS if self._names.get((place, family, tier)) == pool), None)

    def pools_of(self, use_case: Desired) -> tuple[Address, ...]:
        """Give the addresses of the pools of a use case's family."""
        key = (use_case.scope.place, str(use_case.attributes["email_type"]))
        return tuple(sorted(self._addresses.get(key, ())))


def with_pool(desired: Desired, pool: str | None) -> Desired:
    """Give the use case with its derived pool among its attributes."""
    attributes: Mapping[str, Value] = {**desired.attributes, "sending_pool": pool}
    return replace(desired, attributes=attributes)
