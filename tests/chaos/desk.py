"""What an edit works on: the configuration as it is now, as all was last brought to, and what a round has touched."""

import random
from dataclasses import dataclass, field

from tests.chaos.declared import Declared
from tests.chaos.voice import APPROVED


@dataclass
class Desk:
    """What an edit works on."""

    lots: random.Random
    now: Declared
    settled: Declared
    touched: set[str] = field(default_factory=set)
    """Addresses that this round may not touch again."""

    def may(self, *addresses: str) -> bool:
        """Tells whether none of these was touched."""
        return not self.touched & set(addresses)

    def any_setup(self, *, published: bool | None = None) -> str | None:
        """Draws a setup that wasn't touched."""
        return self._draw(
            name
            for name, setup in self.now.setups.items()
            if self.may(f"ses_setup.{name}") and published in (None, setup.published)
        )

    def any_use_case(self, *, destroying: bool = False) -> str | None:
        """Draws a use case that wasn't touched, to destroy: one that nothing protects and nothing holds up."""
        return self._draw(
            name
            for name, case in self.now.use_cases.items()
            if self.may(f"use_case.{name}")
            and (not destroying or (not self.protected(f"use_case.{name}") and self.is_open(case.setup)))
        )

    def any_voice_setup(self, *, open_: bool = False) -> str | None:
        """Draws a setup at Twilio that wasn't touched; with `open_` one whose profile is approved."""
        return self._draw(
            name
            for name in self.now.voice_setups
            if self.may(f"twilio_setup.{name}") and (not open_ or self.is_open_voice(name))
        )

    def any_line(
        self, *, open_: bool = False, numbered: bool = False, destroying: bool = False
    ) -> str | None:
        """Draws a line that wasn't touched: of an approved profile, with a number, or one that nothing protects."""
        return self._draw(
            name
            for name, line in self.now.lines.items()
            if self.may(f"use_case.{name}")
            and (not open_ or self.is_open_line(name))
            and (not numbered or line.numbers)
            and not (destroying and self.protected(f"use_case.{name}"))
        )

    def is_open_voice(self, setup: str) -> bool:
        """Tells whether a setup's profile is approved, now and before this round."""
        return self.now.voice_setups[setup].review == APPROVED and self.may(f"twilio_setup.{setup}")

    def is_open_line(self, line: str) -> bool:
        """Tells whether a line can be made or given numbers at once."""
        return self.is_open_voice(self.now.lines[line].setup)

    def is_open(self, setup: str) -> bool:
        """Tells whether a setup's records are there, now and before this round."""
        return self.now.setups[setup].published and self.may(f"ses_setup.{setup}")

    def protected(self, address: str) -> bool:
        """Tells whether an address is protected now, or was."""
        found = (each.resource(address) for each in (self.now, self.settled))
        return any(resource is not None and resource.protected for resource in found)

    def _draw(self, names) -> str | None:
        names = sorted(names)
        return self.lots.choice(names) if names else None
