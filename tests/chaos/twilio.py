"""Twilio's people around a round: who sells numbers, reviews profiles, works in the console, and cleans up."""

from collections.abc import Mapping

from chanplan.sandbox.controls import Controls
from tests.chaos.declared import Declared
from tests.chaos.voice import ACCOUNTS, APPROVED, Line, numbers_of, profiles_of
from tests.twilio_person import Person

STRANGERS = ("Acme/Line other", "Acme/Line other", "chanplan/000000000000/app", "Globex Corp/Linex")
"""Names of Applications that aren't ours, two of them the same."""


class Twilio:
    """What the people do, on the sandbox of a world."""

    def __init__(self, controls: Controls, environment: Mapping[str, str]) -> None:
        self._twilio = controls.twilio
        self._environment = environment
        self._said: dict[str, str] = {}
        """What the reviewers said of profiles, of which all others are approved."""

    def furnish(self) -> None:
        """Gives each account its numbers, approved profiles, and what isn't ours."""
        for number, (alias, account) in enumerate(ACCOUNTS.items()):
            for each in numbers_of(alias):
                self._twilio.add_number(each, account)
            for profile in profiles_of(alias):
                self._twilio.approve(profile, account)
            person = Person(self._environment, account)
            theirs = [person.make_application(name) for name in STRANGERS]
            for place in range(4):
                self._twilio.add_number(f"+1999555{number}{place:03}", account)
            person.bind(f"+1999555{number}000", theirs[0])
            person.bind(f"+1999555{number}001", theirs[2])
            # Beside ours on our own profiles.
            person.assign(f"+1999555{number}001", profiles_of(alias)[0])
            person.assign(f"+1999555{number}002", profiles_of(alias)[1])

    def review(self, declared: Declared) -> None:
        """Lets the reviewers say what a configuration says that they think."""
        thought = {setup.profile: setup.review for setup in declared.voice_setups.values()}
        for alias, account in ACCOUNTS.items():
            for profile in profiles_of(alias):
                status = thought.get(profile, APPROVED)
                if status != self._said.get(profile, APPROVED):
                    self._said[profile] = status
                    self._say(account, profile, status)

    def _say(self, account: str, profile: str, status: str) -> None:
        match status:
            case "twilio-approved":
                self._twilio.approve(profile, account)
            case "twilio-rejected":
                self._twilio.reject(profile, account, codes=(18602, 18606))
            case _:
                self._twilio.begin_review(profile, account)

    def clean_up(self, settled: Declared, name: str) -> str | None:
        """Deletes by hand what was forgotten, with all that it holds; says what is wrong when it isn't there."""
        line: Line = settled.lines[name]
        setup = settled.voice_setups[line.setup]
        person = Person(self._environment, ACCOUNTS[setup.provider])
        found = [
            sid for sid, each in person.applications().items() if each["friendly_name"] == line.friendly_name
        ]
        if len(found) != 1:
            return f"use_case.{name} was forgotten, and there are {len(found)} Applications of its name"
        for number, each in person.numbers().items():
            if each["voice_application_sid"] == found[0]:
                person.bind(number, "")
                person.unassign(number, setup.profile)
        person.delete_application(found[0])
        return None
