"""Scopes: where at an outside service a resource lives."""

from dataclasses import dataclass
from typing import TypeAlias

Place: TypeAlias = tuple[str, str | None, str | None]
"""Provider, account and region."""


@dataclass(frozen=True, slots=True)
class Scope:
    """An account and region of a provider, as the alias that a resource names resolves to."""

    provider: str
    """`ses` or `twilio`."""
    account: str | None
    """AWS account id or Twilio account SID; None while nobody could say."""
    region: str | None
    """AWS region; None for Twilio."""
    alias: str = "default"
    """The configured alias by which it is reached. Never compared: only account and region are."""

    @property
    def place(self) -> Place:
        """What two scopes are compared by."""
        return (self.provider, self.account, self.region)

    def same_place(self, other: "Scope") -> bool:
        """Tell whether both mean the same account and region; an unknown account matches any."""
        if self.provider != other.provider or self.region != other.region:
            return False
        return self.account is None or other.account is None or self.account == other.account
