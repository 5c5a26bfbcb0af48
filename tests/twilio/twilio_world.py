"""What the tests of the Twilio provider declare, remember and count."""

from collections import Counter
from dataclasses import replace

from chanplan.model.addresses import Address
from chanplan.model.resources import Desired, Identity, ResourceState, identity_of
from chanplan.model.scopes import Scope
from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT

ACCOUNT = MAIN_ACCOUNT
SCOPE = Scope("twilio", ACCOUNT, None)
PROFILE = "BU00000000000000000000000000000001"
SECOND_PROFILE = "BU00000000000000000000000000000002"
VOICE = {
    "url": "https://voice.acme.example/answer",
    "method": "POST",
    "fallback_url": None,
    "fallback_method": "POST",
    "status_callback": None,
    "status_callback_method": "POST",
    "caller_id_lookup": False,
}
A, B, C = "+14155550100", "+14155550101", "+14155550102"


class Killed(BaseException):
    """The process ends here."""


class World:
    """The sandbox, our provider in front of it, and what a state would remember."""

    def __init__(self, controls, provider, clock):
        self.controls = controls
        self.twilio = controls.twilio
        self.provider = provider
        self.clock = clock

    def setup(self, name="acme", profile=PROFILE, scope=SCOPE):
        """Declares a setup."""
        attributes = {
            "account": {"mode": "main"},
            "customer_profile": {"sid": profile},
            "prevent_destroy": False,
        }
        return Desired(Address("twilio_setup", name), attributes, scope)

    def line(self, name="support", numbers=(), profile=PROFILE, scope=SCOPE, context=None, **voice):
        """Declares a voice line."""
        attributes = {
            "channel": "inbound_voice",
            "entity_name": "Acme",
            "name": name.title(),
            "description": None,
            "twilio_setup": "twilio_setup.acme",
            "voice": VOICE | voice,
            "phone_numbers": sorted(numbers),
            "customer_profile": profile if numbers else None,
            "prevent_destroy": False,
        }
        known = {"account_sid": scope.account, "customer_profile": {"sid": profile}}
        return Desired(Address("use_case", name), attributes, scope, context=known | (context or {}))

    def create(self, desired, id="id-1", partial=None, checkpoint=None):
        """Creates, and gives what a state would remember."""
        facts = self.provider.create(desired, id, partial or {}, checkpoint or ignored)
        return remembered(desired, id, facts)

    def update(self, prior, desired, *changed, checkpoint=None):
        """Updates attributes, and gives what a state would remember."""
        facts = self.provider.update(prior, desired, changed, checkpoint or ignored)
        return remembered(desired, prior.id, facts)

    def delete(self, prior, checkpoint=None):
        """Deletes what is remembered."""
        self.provider.delete(prior, checkpoint or ignored)

    def read(self, resource):
        """Reads what a state remembers, or what is declared and new."""
        if isinstance(resource, ResourceState):
            return self.provider.read(identity_of(resource))
        return self.provider.read(new_identity(resource))

    def fault(self, kind, operation, **more):
        """Has a call go wrong, the next one only unless more is said."""
        self.controls.add_fault(Fault(FaultKind(kind), f"twilio:{operation}", **({"times": 1} | more)))

    def applications(self):
        """Gives the names of all Applications by SID."""
        return {each["sid"]: each["friendly_name"] for each in self.twilio.applications()}

    def bindings(self):
        """Gives what each number is bound to."""
        return {each["phone_number"]: each["voice_application_sid"] or None for each in self.twilio.numbers()}

    def places(self):
        """Gives the profile that each number is assigned to."""
        numbers = {each["sid"]: each["phone_number"] for each in self.twilio.numbers()}
        return {
            numbers[each["channel_endpoint_sid"]]: each["customer_profile_sid"]
            for each in self.twilio.assignments()
        }

    def calls(self):
        """Gives how often each operation was called since the last look."""
        counted = Counter(call.operation.removeprefix("twilio:") for call in self.controls.calls())
        self.controls.clear_calls()
        return dict(counted)

    def settle_in(self):
        """Makes the call that confirms the account, which is made once, so that no test counts it."""
        self.provider.read_all("twilio_setup", SCOPE, [new_identity(self.setup())])
        self.controls.clear_calls()


class Notes:
    """Keeps checkpoints as an intent would; with `until`, the process ends after so many."""

    def __init__(self, until=None):
        self.facts = {}
        self.told = []
        self._left = until

    def __call__(self, what, facts):
        self.facts |= facts
        self.told.append(what)
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise Killed


def ignored(what, facts):
    """A checkpoint of somebody who isn't interested."""


def remembered(desired, id, facts, complete=True):
    """Gives what a state remembers after a create."""
    return ResourceState(
        desired.address, id, desired.scope, desired.attributes, facts, desired.context, complete=complete
    )


def new_identity(desired, facts=None, id=None):
    """Gives what finds a declared resource that no state knows."""
    return Identity(desired.address, id, desired.scope, desired.attributes, facts or {}, desired.context)


def claim(resource, number, **changes):
    """Gives the context by which another resource takes a number from this one."""
    held = resource.facts["numbers"][number]
    entry = {
        "application_sid": resource.facts["application_sid"],
        "assignment": held["assignment"],
        "profile_sid": held["profile_sid"],
    }
    return {"taken": {number: [entry | changes]}}


def declared(prior, **attributes):
    """Declares what is remembered, with other attributes."""
    return Desired(prior.address, {**prior.attributes, **attributes}, prior.scope, context=prior.context)


def incomplete(prior, **changes):
    """Gives what a state remembers of a create that has begun and not finished."""
    return replace(prior, complete=False, **changes)
