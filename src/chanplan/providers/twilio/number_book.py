"""Which phone numbers an account owns, for plans that bind some."""

from collections.abc import Collection, Mapping

from chanplan.model.numbers import NumberSeen
from chanplan.model.scopes import Scope
from chanplan.providers.twilio.place import Service


class TwilioNumberBook:
    """Implements `ports.number_book.NumberBook` with one list of each account."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def look_up(self, scope: Scope, numbers: Collection[str]) -> Mapping[str, NumberSeen | None]:
        """Look numbers up; without any, nobody is asked."""
        if not numbers:
            return {}
        owned = {number.phone_number: number for number in self._service.numbers(self._service.place(scope))}
        return {
            number: None
            if (live := owned.get(number)) is None
            else NumberSeen(live.sid, live.application_sid, live.trunk_sid, live.voice_capable)
            for number in numbers
        }
