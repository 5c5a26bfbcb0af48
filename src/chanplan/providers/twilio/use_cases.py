"""Making, changing and taking down voice use cases: one Application each, and its phone numbers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from chanplan.model.addresses import Address
from chanplan.model.errors import Gone, OutcomeUnknown, Rejected
from chanplan.model.resources import Depth, Desired, Identity, Marks, Observed, ResourceState
from chanplan.model.values import Attributes, Facts, Value
from chanplan.ports.provider import Checkpoint
from chanplan.providers.twilio.applications import (
    Several,
    asked_now,
    begun,
    find_begun,
    known_sid,
    look_for_strangers,
    texts,
)
from chanplan.providers.twilio.calls import Calls
from chanplan.providers.twilio.making import Progress, changed_or_found
from chanplan.providers.twilio.numbers import Numbers, claims_in
from chanplan.providers.twilio.objects import Application, Number
from chanplan.providers.twilio.place import Service
from chanplan.providers.twilio.voice import (
    attributes_of,
    line_name,
    settings_to_change,
    settings_to_create,
)

LASTING = ("application_sid", "profile_sid", "numbers")
"""The facts of a voice use case that a state remembers."""
APPLICATION = frozenset({"entity_name", "name", "voice"})
"""The attributes that live in the Application itself."""


class UseCases:
    """Resources of kind `use_case` with a voice channel."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def read_all(self, calls: Calls, wanted: Sequence[Identity], at: datetime) -> Mapping[Address, Observed]:
        """Look for Applications and numbers with one list of each. What isn't known by its SID is only pointed out."""
        by_sid: dict[str, Application] = {}
        by_name: dict[str, list[str]] = {}
        for application in calls.applications():
            by_sid[application.sid] = application
            by_name.setdefault(application.name, []).append(application.sid)
        owned = self._service.numbers(calls)
        answered: dict[str, list[Number]] = {}
        for number in owned:
            if number.application_sid is not None:
                answered.setdefault(number.application_sid, []).append(number)
        found = {}
        for identity in wanted:
            sid = known_sid(identity.attributes, identity.facts)
            live = None if sid is None else by_sid.get(sid)
            namesakes = by_name.get(line_name(identity.attributes), []) if sid is None else []
            if live is not None:
                found[identity.address] = Observed(
                    _told(live, identity.attributes, answered.get(live.sid, ())),
                    {"application_sid": live.sid},
                    at,
                    Depth.LISTED,
                )
            elif namesakes:
                found[identity.address] = Observed(
                    {}, {}, at, Depth.LISTED, candidates=tuple(sorted(namesakes))
                )
        return found

    def read(self, identity: Identity) -> Observed | None:
        """Read one Application, the numbers that are bound to it, and whether they are on their profile."""
        calls = self._service.place(identity.scope)
        sid = known_sid(identity.attributes, identity.facts)
        if sid is not None:
            live: Application | Several | None = calls.application(sid)
        elif begun(identity.facts):
            live = find_begun(calls, self._service.clock, line_name(identity.attributes), identity.facts)
        else:
            namesakes = calls.applications(line_name(identity.attributes))
            live = Several(tuple(sorted(each.sid for each in namesakes))) if namesakes else None
        if live is None:
            return None
        if isinstance(live, Several):
            return Observed(
                {},
                {},
                self._service.clock.now(),
                Depth.DIRECT,
                marks=Marks(None, None),
                candidates=live.sids,
            )
        bound = answered_by(self._service.numbers(calls), live.sid)
        told = _told(live, identity.attributes, bound)
        off = self._off_profile(calls, identity, bound)
        if off == ():
            told["customer_profile"] = _profile_sid(identity) if _declared(identity) else None
        return Observed(
            told,
            {"application_sid": live.sid},
            self._service.clock.now(),
            Depth.DIRECT,
            marks=Marks(identity.id, None if identity.id is None else self._service.workspace),
            incomplete=tuple(f"profile assignment of {number}" for number in off or ()),
        )

    def create(self, desired: Desired, id: str, partial: Facts, checkpoint: Checkpoint) -> Facts:
        """Make an Application, or go on with the one that was begun; then give it its numbers."""
        del id  # an Application carries no mark
        calls = self._service.place_for_changes(desired.scope)
        wanted = texts(desired.attributes.get("phone_numbers"))
        # Of an Application that somebody deleted, numbers may still bear the SID.
        replaced = (*texts(partial.get("replaces")), *texts([partial.get("application_sid")]))
        progress = Progress(
            {name: value for name, value in partial.items() if name != "replaces"}, checkpoint
        )
        numbers = self._numbers(calls, desired, progress, replaced)
        live = self._made(calls, desired, progress)
        if wanted:
            owned = self._service.numbers(calls)
            numbers.check(owned, wanted, None if live is None else live.sid)
            numbers.learn(owned)
        if live is None:
            live = self._make(calls, desired, progress, replaced)
        else:
            live = self._change(calls, live, desired)
        progress.done(
            "application", application_sid=live.sid, profile_sid=_profile_of(desired), numbers=numbers.told()
        )
        numbers.hold(wanted, live.sid, bound=())
        return progress.lasting(LASTING)

    def update(
        self, prior: ResourceState, desired: Desired, changed: tuple[str, ...], checkpoint: Checkpoint
    ) -> Facts:
        """Change the Application and its numbers, and mend assignments."""
        calls = self._service.place_for_changes(prior.scope)
        live = self._known(calls, prior)
        progress = Progress({**prior.facts, "application_sid": live.sid}, checkpoint)
        if APPLICATION & set(changed):
            self._change(calls, live, desired)
            progress.done("application")
        wanted = texts(desired.attributes.get("phone_numbers"))
        numbers = self._numbers(calls, desired, progress, ())
        bound: Collection[str] = numbers.held.keys()
        if "phone_numbers" in changed or set(bound) != set(wanted):
            owned = self._service.numbers(calls)
            numbers.learn(owned)
            numbers.check(owned, wanted, live.sid)
            bound = [number.phone_number for number in answered_by(owned, live.sid)]
            holders = {number.phone_number: number.application_sid for number in owned}
            numbers.forget(
                [
                    number
                    for number in numbers.held
                    if number not in wanted and holders.get(number, "nobody") not in {None, live.sid}
                ]
            )
            if "phone_numbers" in changed:
                kept = {*wanted, *texts(desired.context.get("passed_numbers"))}
                numbers.release(sorted({*bound, *numbers.held} - kept), live.sid)
        numbers.hold(wanted, live.sid, bound=bound)
        progress.facts |= {"profile_sid": _profile_of(desired), "numbers": numbers.told()}
        return progress.lasting(LASTING)

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Give the numbers back and delete the Application."""
        calls = self._service.place_for_changes(prior.scope)
        sid = known_sid(prior.attributes, prior.facts)
        if sid is None:
            sid = self._begun_sid(calls, prior)
            if sid is None:
                return
        progress = Progress(prior.facts, checkpoint)
        numbers = Numbers(calls, self._service.clock, progress)
        owned = self._service.numbers(calls)
        numbers.learn(owned)
        bound = [number.phone_number for number in answered_by(owned, sid)]
        ours = {*texts(prior.attributes.get("phone_numbers")), *numbers.held}
        others = [number for number in bound if number not in ours]
        if others:
            raise Rejected(
                f"Application {sid} answers numbers that chanplan didn't bind to it: {', '.join(others)}. "
                "Nothing was touched.",
                remedy="Unbind them at Twilio, or add them to phone_numbers, first.",
                code="phone_numbers_assigned",
            )
        # What somebody unbound may still have the place on the profile that we gave it.
        unbound = {number.phone_number for number in owned if number.application_sid is None}
        numbers.release(sorted({*bound, *(unbound & numbers.held.keys())}), sid)
        calls.delete_application(sid)
        progress.done("application")

    def _made(self, calls: Calls, desired: Desired, progress: Progress) -> Application | None:
        """Give the Application that an earlier attempt made."""
        sid = known_sid({}, progress.facts)
        if sid is not None:
            live = calls.application(sid)
            if live is None:
                # Somebody deleted it. What was there before it doesn't tell about the next one.
                for name in ("application_sid", "applications_before", "asked"):
                    progress.facts.pop(name, None)
            return live
        if not begun(progress.facts):
            return None
        found = find_begun(calls, self._service.clock, line_name(desired.attributes), progress.facts)
        if isinstance(found, Several):
            raise _undecided(calls, desired, found)
        return found

    def _make(
        self, calls: Calls, desired: Desired, progress: Progress, replaced: Collection[str]
    ) -> Application:
        name = line_name(desired.attributes)
        if "applications_before" not in progress.facts:
            before = look_for_strangers(calls, name, replaced)
            progress.facts["applications_before"] = list(before)
        # The list of an earlier attempt stands: what that one made and lists are late to show must still be told as new.
        self._ask(progress, "application is asked for")
        try:
            return calls.create_application(settings_to_create(desired.attributes))
        except OutcomeUnknown:
            # It may be made as late as this: lists are believed so many seconds from now.
            self._ask(progress, "application is looked for")
            found = find_begun(calls, self._service.clock, name, progress.facts)
            if isinstance(found, Several):
                raise _undecided(calls, desired, found) from None
            if found is None:
                raise
            return self._change(calls, found, desired)

    def _ask(self, progress: Progress, what: str) -> None:
        progress.done(
            what,
            applications_before=progress.facts["applications_before"],
            **asked_now(self._service.clock),
        )

    def _change(self, calls: Calls, live: Application, desired: Desired) -> Application:
        """Make an Application as declared, with one call, or none where it is."""
        settings = settings_to_change(desired.attributes, live)
        if not settings:
            return live

        def as_wished() -> Application | None:
            now = calls.application(live.sid)
            return now if now is not None and not settings_to_change(desired.attributes, now) else None

        return changed_or_found(lambda: calls.update_application(live.sid, settings), as_wished)

    def _known(self, calls: Calls, prior: ResourceState) -> Application:
        sid = known_sid(prior.attributes, prior.facts)
        live = None if sid is None else calls.application(sid)
        if live is None:
            raise Gone(f"Application {sid} of {prior.address} isn't there any more.")
        return live

    def _begun_sid(self, calls: Calls, prior: ResourceState) -> str | None:
        """Give the SID of what a create has left that never got an answer; None when it left nothing."""
        if not begun(prior.facts):
            return None
        found = find_begun(calls, self._service.clock, line_name(prior.attributes), prior.facts)
        if isinstance(found, Several):
            raise _undecided(calls, prior, found)
        return None if found is None else found.sid

    def _numbers(
        self, calls: Calls, desired: Desired, progress: Progress, replaced: Collection[str]
    ) -> Numbers:
        return Numbers(
            calls,
            self._service.clock,
            progress,
            profile_sid=_profile_of(desired),
            claims=claims_in(desired.context),
            replaced=replaced,
        )

    def _off_profile(
        self, calls: Calls, identity: Identity, bound: Sequence[Number]
    ) -> tuple[str, ...] | None:
        """Give the declared numbers that are bound and not on the profile; None where nobody knows which one that is."""
        profile = _profile_sid(identity)
        declared = [number for number in bound if number.phone_number in _declared(identity)]
        if not declared:
            return ()
        if not isinstance(profile, str):
            return None
        there = {each.endpoint_sid for each in self._service.assignments(calls, profile)}
        return tuple(number.phone_number for number in declared if number.sid not in there)


def answered_by(owned: Iterable[Number], application_sid: str) -> list[Number]:
    """Give the numbers that an Application answers, in their order."""
    bound = [number for number in owned if number.application_sid == application_sid]
    return sorted(bound, key=lambda number: number.phone_number)


def _told(live: Application, declared: Attributes, bound: Iterable[Number]) -> dict[str, Value]:
    return {
        **attributes_of(live, declared),
        "phone_numbers": sorted(number.phone_number for number in bound),
    }


def _profile_sid(identity: Identity) -> str | None:
    """Give the profile on which a line's numbers should be: as remembered, else its setup's."""
    known = identity.facts.get("profile_sid")
    if known is None and (profile := identity.context.get("customer_profile")):
        known = profile.get("sid") if isinstance(profile, Mapping) else None
    return known if isinstance(known, str) else None


def _declared(identity: Identity) -> tuple[str, ...]:
    return texts(identity.attributes.get("phone_numbers"))


def _profile_of(desired: Desired) -> str | None:
    """Give the profile of the setup, which numbers are assigned to. Raises `Rejected` when there are some and it isn't
    known."""
    profile = desired.context.get("customer_profile")
    sid = profile.get("sid") if isinstance(profile, Mapping) else None
    if isinstance(sid, str):
        return sid
    if not desired.attributes.get("phone_numbers"):
        return None
    raise Rejected(
        f"The setup of {desired.address} isn't known, so its customer profile isn't either.",
        remedy="Apply the setup first.",
        code="setup_unknown",
    )


def _undecided(calls: Calls, desired: Desired | ResourceState, found: Several) -> Rejected:
    return Rejected(
        f"Account {calls.account_sid} has several new Applications '{line_name(desired.attributes)}', and nobody can tell "
        f"which one an earlier run made: {', '.join(found.sids)}. None is touched.",
        remedy="Delete the superfluous ones by hand, then run again.",
        code="ambiguous",
    )
