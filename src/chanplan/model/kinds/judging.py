"""Judging what could be declared, before anybody writes it down."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from chanplan.model.kinds.table import Kind
from chanplan.model.values import Attributes, Value


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a kind's schema refuses. Never quotes the value: it may hold a login."""

    attribute: str
    """Dotted path of the field."""
    form: str
    """What may stand there, in words."""


def judged(kind: Kind, declared: Mapping[str, Value]) -> Attributes | tuple[Complaint, ...]:
    """Give the attributes of what is declared, or all that the kind's schema refuses."""
    try:
        return kind.declare(kind.adapter.validate_python(declared))
    except ValidationError as error:
        return tuple(
            Complaint(
                ".".join(str(part) for part in details["loc"] if part not in _CHANNELS),
                details["msg"]
                if details["type"] not in _QUOTING
                else "it isn't in the form that is asked for",
            )
            for details in error.errors(include_url=False, include_input=False)
        )


_CHANNELS = ("email", "inbound_voice", "outbound_voice", "ringless_voicemail")
"""What pydantic puts into the path for the member of a union."""
_QUOTING = frozenset({"not_a_domain", "not_an_email_address", "not_a_url"})
"""Errors whose text repeats the value."""
