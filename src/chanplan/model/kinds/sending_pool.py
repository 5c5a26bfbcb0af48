"""`sending_pool`: dedicated IP addresses that carry the mail of one family, for some tiers."""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, Field, TypeAdapter

from chanplan.model.kinds.declared import AliasName, Declared, Lifecycle, form
from chanplan.model.kinds.table import Attribute, Effect, Kind, NaturalKey
from chanplan.model.plans import Loss
from chanplan.model.values import Attributes, Value

SHARED_POOL = "ses-shared-pool"
"""SES's own name for the addresses that all its customers share (ses.md, fact 7)."""
RESERVED_POOL_NAMES = frozenset({SHARED_POOL, "ses-default-dedicated-pool"})

Tier = Literal["onboarding", "standard", "premium"]
TIERS: tuple[str, ...] = get_args(Tier)


class SendingPool(Declared):
    """A dedicated IP pool."""

    pool_name: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9_-]{1,64}$",
            json_schema_extra=form("1 to 64 lower-case letters, digits, hyphens and underscores"),
        ),
    ] = Field(
        description="The pool's name at SES: 1 to 64 lower-case letters, digits, underscores and hyphens."
    )
    family: Literal["transactional", "marketing"] = Field(
        description="The only email_type whose mail this pool carries."
    )
    tiers: Annotated[list[Tier], Field(min_length=1, json_schema_extra={"uniqueItems": True})] = Field(
        description="The reputation tiers that send through this pool."
    )
    scaling: Literal["managed", "standard"] = Field(
        "managed", description="Whether SES adds and warms up addresses itself; it bills either way."
    )
    provider: AliasName = Field("default", description="The alias under providers.ses.")
    lifecycle: Lifecycle = Lifecycle(prevent_destroy=False)


def _declare(declared: BaseModel) -> Attributes:
    assert isinstance(declared, SendingPool)
    return {
        "pool_name": declared.pool_name,
        "family": declared.family,
        "tiers": sorted(set(declared.tiers)),
        "scaling": declared.scaling,
        "prevent_destroy": declared.lifecycle.prevent_destroy,
    }


def _scaling_effect(before: Value, after: Value) -> Effect:
    # SES refuses to turn a managed pool into a standard one (ses.md 1.5).
    return Effect.IN_PLACE if (before, after) == ("standard", "managed") else Effect.REPLACE


_ATTRIBUTES = {
    "pool_name": Attribute(Effect.REPLACE),
    "family": Attribute(Effect.REPLACE),
    "tiers": Attribute(Effect.STATE_ONLY),
    "scaling": Attribute(Effect.REPLACE, decide=_scaling_effect),
    "tags": Attribute(Effect.IN_PLACE, read_in_part=True),
    "prevent_destroy": Attribute(Effect.STATE_ONLY),
}


def _losses(attributes: Attributes) -> tuple[Loss, ...]:
    return (
        Loss(
            "pool_warmup",
            f"The IP addresses of pool {attributes['pool_name']} are given back, and with them their warm-up; "
            "a new pool starts cold and takes weeks.",
        ),
    )


def _parse_import_id(text: str) -> Attributes | None:
    return {"pool_name": text} if text and "/" not in text else None


KIND = Kind(
    name="sending_pool",
    section="sending_pools",
    title="sending pool",
    adapter=TypeAdapter(SendingPool),
    declare=_declare,
    provider_of=lambda _: "ses",
    attributes_of=lambda _: _ATTRIBUTES,
    computed_of=lambda _: ("id", "pool_arn", "created_at"),
    natural_keys=lambda attributes: (
        NaturalKey("pool", str(attributes["pool_name"]).lower(), regional=True),
    ),
    references={},
    parse_import_id=_parse_import_id,
    import_form="POOL_NAME",
    import_id_of=lambda attributes, _facts, _scope: str(attributes["pool_name"]),
    losses_of=_losses,
    tagged=lambda _: True,
)
