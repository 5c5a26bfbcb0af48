"""Phone numbers that an account owns, as its service tells of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NumberSeen:
    """A phone number that an account owns."""

    sid: str
    application_sid: str | None = None
    """The Application that answers it; None when there is none."""
    trunk_sid: str | None = None
    """The SIP trunk that takes its calls; None when there is none."""
    voice_capable: bool = True
