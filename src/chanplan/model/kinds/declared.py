"""What the declared schemas share: strictness, names of fields, and patterns of this field."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import PydanticCustomError

from chanplan.model.addresses import NAME_PATTERN

RESERVED_TAG_PREFIXES = ("chanplan:", "aws:")

_DOMAIN_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?P<domain>[^@\s]{1,255})")


class Declared(BaseModel):
    """A mapping of the configuration: unknown keys are errors, nothing is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Lifecycle(Declared):
    """How chanplan may treat a resource."""

    prevent_destroy: bool = Field(
        False, description="Refuse every plan that would delete or replace this resource."
    )


def _domain(text: str) -> str:
    labels = text.split(".")
    if len(labels) < 2 or not all(_DOMAIN_LABEL.fullmatch(label) for label in labels):
        raise PydanticCustomError(
            "not_a_domain",
            "'{value}' isn't a domain name: labels of letters, digits and hyphens, joined by dots, without a final dot",
            {"value": text},
        )
    if labels[-1].isdecimal():
        # No top level is a number. SES would say so only after a tenant was made for it.
        raise PydanticCustomError(
            "not_a_domain",
            "'{value}' isn't a domain name: its last label is a number, as in an IP address",
            {"value": text},
        )
    return text


def _email(text: str) -> str:
    match = _EMAIL.fullmatch(text)
    if match is None or text.startswith(".") or ".." in text or ".@" in text:
        raise PydanticCustomError("not_an_email_address", "'{value}' isn't an email address", {"value": text})
    return text


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s]*", text):
        raise PydanticCustomError("not_a_url", "'{value}' isn't an http or https URL", {"value": text})
    if "@" in re.split(r"[/?#]", text, maxsplit=3)[2]:
        # It would reach the state and every plan; the message doesn't quote it.
        raise PydanticCustomError(
            "secret_in_configuration",
            "a URL may hold no user name or password here: they would be kept and shown",
            {},
        )
    return text


def form(words: str) -> dict[str, JsonValue]:
    """Say a pattern's form in words: editors that speak YAML and our own messages show them."""
    return {"patternErrorMessage": words}


_NAME_FORM = form(
    "A name has 1 to 63 lower-case letters, digits, hyphens and underscores, and begins with a letter or digit"
)

ReferenceName = Annotated[str, Field(pattern=f"^{NAME_PATTERN}$", json_schema_extra=_NAME_FORM)]
DomainName = Annotated[
    str,
    Field(min_length=1, max_length=255, json_schema_extra=form("A domain is for example mail.example.com")),
    AfterValidator(_domain),
]
EmailAddress = Annotated[
    str,
    Field(
        max_length=320,
        json_schema_extra={"format": "email", **form("An address is for example receipts@mail.example.com")},
    ),
    AfterValidator(_email),
]
WebUrl = Annotated[
    str,
    Field(
        max_length=2048,
        json_schema_extra={"format": "uri", **form("A URL is for example https://voice.example.com/answer")},
    ),
    AfterValidator(_url),
]
EntityName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=31,
        pattern=r"^[A-Za-z -]+$",
        json_schema_extra=form("Only the letters a to z, spaces and hyphens may stand here"),
    ),
]
"""1 to 31 letters, spaces and hyphens (channel-manager.txt, Create Use Case)."""
E164 = Annotated[
    str,
    Field(
        pattern=r"^\+[1-9][0-9]{1,14}$",
        json_schema_extra=form(
            'A phone number is + and 2 to 15 digits, in quotes, for example "+14155550100"'
        ),
    ),
]
AwsAccountId = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{12}$",
        json_schema_extra=form('An AWS account id has 12 digits, in quotes, for example "123456789012"'),
    ),
]
AliasName = Annotated[str, Field(pattern=f"^{NAME_PATTERN}$", json_schema_extra=_NAME_FORM)]


def domain_of(email_address: str) -> str:
    """Give the part of an email address after the last @."""
    return email_address.rpartition("@")[2]
