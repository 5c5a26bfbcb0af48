"""`twilio_setup`: a Twilio account with an approved customer profile."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from chanplan.model.kinds.declared import AliasName, Declared, Lifecycle, form
from chanplan.model.kinds.table import Attribute, Effect, Kind, NaturalKey
from chanplan.model.values import Attributes

AccountSid = Annotated[
    str,
    Field(pattern=r"^AC[0-9a-fA-F]{32}$", json_schema_extra=form("An account's SID is AC and 32 hex digits")),
]
ProfileSid = Annotated[
    str,
    Field(pattern=r"^BU[0-9a-fA-F]{32}$", json_schema_extra=form("A profile's SID is BU and 32 hex digits")),
]


class Account(Declared):
    """The Twilio account: the provider's own, or another by its SID."""

    mode: Literal["main", "existing"] = Field(
        "main", description="main: the provider's own account; existing: the one that sid names."
    )
    sid: AccountSid | None = None

    @model_validator(mode="after")
    def _sid_fits_mode(self) -> "Account":
        if (self.mode == "existing") != (self.sid is not None):
            raise PydanticCustomError(
                "account_sid",
                "An account with mode 'existing' has a sid, and one with mode 'main' has none",
                {},
            )
        return self


class CustomerProfile(Declared):
    """The customer profile in Twilio's Trust Hub."""

    sid: ProfileSid


class TwilioSetup(Declared):
    """A Twilio account with an approved customer profile."""

    account: Account = Account(mode="main")
    customer_profile: CustomerProfile
    provider: AliasName = Field("default", description="The alias under providers.twilio.")
    lifecycle: Lifecycle = Lifecycle(prevent_destroy=False)


def _declare(declared: BaseModel) -> Attributes:
    assert isinstance(declared, TwilioSetup)
    return {
        "account": declared.account.model_dump(mode="json", exclude_none=True),
        "customer_profile": {"sid": declared.customer_profile.sid},
        "prevent_destroy": declared.lifecycle.prevent_destroy,
    }


_ATTRIBUTES = {
    "account": Attribute(
        Effect.REFUSED,
        code="two_step_required",
        steps="Add a second twilio_setup with the other account, point the use cases to it, apply, "
        "and remove this one in a second plan.",
    ),
    "customer_profile": Attribute(Effect.IN_PLACE),
    "prevent_destroy": Attribute(Effect.STATE_ONLY),
}


def profile_sid(attributes: Attributes) -> str:
    """Give the SID of the customer profile that a setup names."""
    profile = attributes.get("customer_profile")
    return str(profile["sid"]) if isinstance(profile, Mapping) else ""


def _natural_keys(attributes: Attributes) -> tuple[NaturalKey, ...]:
    return (NaturalKey("customer_profile", profile_sid(attributes).lower()),)


def _parse_import_id(text: str) -> Attributes | None:
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}/BU[0-9a-fA-F]{32}", text):
        return None
    account, _, profile = text.partition("/")
    return {"account": {"mode": "existing", "sid": account}, "customer_profile": {"sid": profile}}


KIND = Kind(
    name="twilio_setup",
    section="twilio_setups",
    title="Twilio setup",
    adapter=TypeAdapter(TwilioSetup),
    declare=_declare,
    provider_of=lambda _: "twilio",
    attributes_of=lambda _: _ATTRIBUTES,
    computed_of=lambda _: ("id", "profile_status", "created_at"),
    natural_keys=_natural_keys,
    references={},
    parse_import_id=_parse_import_id,
    import_form="ACCOUNT_SID/PROFILE_SID",
    import_id_of=lambda attributes, _facts, scope: (
        None if scope.account is None else f"{scope.account}/{profile_sid(attributes)}"
    ),
    owns_objects=False,
)
