"""What may stand against a change before it is made, judged by the whole state."""

from chanplan.app.channels.asking import Grounds
from chanplan.app.channels.one_change import Made
from chanplan.app.channels.refusing import failed_by, refused
from chanplan.app.workspace import Workspace
from chanplan.execution.recovery import Examination
from chanplan.model.addresses import Address
from chanplan.model.channel_errors import Conflict
from chanplan.model.kinds.use_case import FIRST_TIER
from chanplan.model.resources import Desired, Origin, ResourceState
from chanplan.model.settlements import Ambiguous
from chanplan.model.snapshots import IntentKind


def check_examined(examined: Examination, address: Address, service: str) -> None:
    """Raise where it isn't known what an earlier attempt left: doing it again could make a second one."""
    for settlement in examined.settlements:
        if isinstance(settlement, Ambiguous) and settlement.intent.address == address:
            raise Conflict("ambiguous", settlement.reason, remedy=settlement.remedy)
    for problem in examined.problems:
        if problem.address == address:
            raise failed_by(problem, service, None)


def check_applyable(made: Made) -> None:
    """Raise `Conflict` for a plan that may not be applied."""
    if not made.plan.applyable:
        raise refused(made.plan)


def check_managed(resource: ResourceState, workspace: Workspace) -> None:
    """Raise `Conflict` (`managed_by_configuration`) for what people declare, or declared and didn't take away yet."""
    if resource.origin is Origin.CONFIGURATION or resource.address in workspace.configuration.resources:
        raise Conflict(
            "managed_by_configuration",
            f"{resource.address} is managed by the configuration.",
            remedy="Take it out of the configuration and apply.",
            data={"address": str(resource.address)},
        )


def check_unused(resource: ResourceState, grounds: Grounds) -> None:
    """Raise `Conflict` (`setup_in_use`) where use cases refer to it, those that are begun too."""
    using = {
        grounds.snapshot.resources[address].id: str(address)
        for address in grounds.index.referring(resource.address)
    } | {
        intent.resource_id: str(intent.address)
        for intent in grounds.snapshot.intents
        if intent.kind is IntentKind.CREATE
        and intent.desired is not None
        and resource.address in intent.desired.references
    }
    if using:
        raise Conflict(
            "setup_in_use",
            f"Use cases refer to it: {', '.join(sorted(using.values()))}.",
            remedy="Delete these use cases first.",
            data={"use_cases": sorted(using)},
        )


def check_pools(desired: Desired, grounds: Grounds) -> None:
    """Raise `Conflict` where the pool that is to carry the mail is declared and not made yet."""
    if "email_type" not in desired.attributes:
        return
    for address, pool in grounds.configuration.resources.items():
        if address.kind != "sending_pool" or not pool.scope.same_place(desired.scope):
            continue
        tiers = pool.attributes["tiers"]
        carries = isinstance(tiers, list | tuple) and FIRST_TIER in tiers
        if not carries or pool.attributes["family"] != desired.attributes["email_type"]:
            continue
        held = grounds.snapshot.resources.get(address)
        if held is None or not held.complete:
            raise Conflict(
                "pool_missing",
                f"{address} is declared and not made yet.",
                remedy="Let people run `chanplan apply`; then repeat the request.",
                data={"address": str(address)},
            )
