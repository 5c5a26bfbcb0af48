"""The declared form of `tiers:`, made of the policy itself, so that every number stands in one place."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model

from chanplan.model.kinds.declared import Declared
from chanplan.model.kinds.use_case import EMAIL_TYPES
from chanplan.model.tier_policy import DEFAULTS_VERSION, About, TierPolicy


def _overrides(part: object, name: str) -> type[BaseModel]:
    """Declare what may be overridden of a part of the policy: the same names, each with its bounds and default."""
    declared: dict[str, tuple[Any, Any]] = {}
    assert is_dataclass(part)
    for each in fields(part):
        value = getattr(part, each.name)
        if is_dataclass(value):
            below = _overrides(value, f"{name}{each.name.capitalize()}")
            declared[each.name] = (below, Field(default_factory=below, description=_first_line(value)))
        else:
            declared[each.name] = _number(value, each.metadata["about"])
    return _model(name, Declared, _first_line(part), declared)


def _model(
    name: str, base: type[BaseModel], said: str, declared: Mapping[str, tuple[Any, Any]]
) -> type[BaseModel]:
    # pydantic's overloads know only fields that are written out.
    model: type[BaseModel] = create_model(name, __base__=base, __doc__=said, **declared)  # type: ignore[call-overload]
    return model


def _number(default: object, about: About) -> tuple[Any, Any]:
    described = f"{about.meaning} In {about.unit}." if about.unit else about.meaning
    if about.words:
        return Literal[about.words], Field(default, description=described)
    bounds = Field(ge=about.low, le=about.high)
    return Annotated[type(default), bounds], Field(default, description=described)


def _first_line(part: object) -> str:
    return (part.__doc__ or "").partition("\n")[0]


PolicyOverrides = _overrides(TierPolicy(), "TierPolicy")
"""What one email_type may override."""


_EmailTypes = _model(
    "TierEmailTypes",
    Declared,
    "Overrides for one email_type; they win over those of all.",
    {
        email_type: (
            PolicyOverrides,
            Field(default_factory=PolicyOverrides, description=f"Of {email_type} mail."),
        )
        for email_type in EMAIL_TYPES
    },
)

TierOverrides = _model(
    "TierOverrides",
    PolicyOverrides,
    "Overrides of the reputation tier policy; `chanplan tiers policy` prints what holds.",
    {
        "version": (
            Literal[DEFAULTS_VERSION],
            Field(DEFAULTS_VERSION, description="The version of the defaults that these were written for."),
        ),
        "email_types": (
            _EmailTypes,
            Field(default_factory=_EmailTypes, description="Overrides for one email_type, which win."),
        ),
    },
)
"""What stands under `tiers:`."""
