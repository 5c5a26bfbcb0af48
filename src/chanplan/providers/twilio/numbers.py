"""The phone numbers of one use case: bound to its Application, assigned to its setup's customer profile, and back.

A number is touched only while it is bound to nothing, to this use case's own Application, or to another of ours that
gives it away. Numbers are never released.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from chanplan.model.errors import Gone, OutcomeUnknown, Rejected
from chanplan.model.kinds.use_case import numbers_held
from chanplan.model.values import Facts, Value
from chanplan.ports.clock import Clock
from chanplan.providers.twilio.applications import BELIEVED_AFTER, texts
from chanplan.providers.twilio.calls import Calls
from chanplan.providers.twilio.errors import AlreadyAssigned
from chanplan.providers.twilio.making import Progress, changed_or_found
from chanplan.providers.twilio.objects import Number


@dataclass(frozen=True, slots=True)
class Held:
    """A number that our Application is known to hold."""

    sid: str
    assignment: str | None = None
    """Its place on a profile, if we gave it that; one that was there before isn't ours to take away."""
    profile_sid: str | None = None
    """The profile that the assignment is on, or was about to be."""

    def told(self) -> Mapping[str, Value]:
        """Give it as facts."""
        return {"sid": self.sid, "assignment": self.assignment, "profile_sid": self.profile_sid}


@dataclass(frozen=True, slots=True)
class Claim:
    """An Application of ours that may have a number that another use case takes."""

    application_sid: str
    assignment: str | None
    profile_sid: str | None
    assigning: bool = False
    """Whether it was about to be assigned when somebody stopped: what is on the profile by now is ours."""


def held_in(facts: Facts) -> dict[str, Held]:
    """Read the numbers that facts tell of."""
    told, profile = facts.get("numbers"), _text(facts.get("profile_sid"))
    held = {}
    for number, entry in told.items() if isinstance(told, Mapping) else ():
        if isinstance(entry, Mapping) and (sid := _text(entry.get("sid"))) is not None:
            where = _text(entry.get("profile_sid")) or profile
            held[number] = Held(sid, _text(entry.get("assignment")), where)
    return held


def claims_in(context: Facts) -> Mapping[str, Sequence[Claim]]:
    """Read who of ours may give each number away."""
    taken = context.get("taken")
    return {
        number: [
            Claim(
                sid,
                _text(entry.get("assignment")),
                _text(entry.get("profile_sid")),
                assigning=entry.get("assigning") is True,
            )
            for entry in (entries if isinstance(entries, list | tuple) else ())
            if isinstance(entry, Mapping) and (sid := _text(entry.get("application_sid"))) is not None
        ]
        for number, entries in (taken.items() if isinstance(taken, Mapping) else ())
    }


class Numbers:
    """Brings the numbers of one use case where they belong, step by step, each recorded before the next.

    `claims` say who of ours may give which number away, `replaced` which Applications of ours may give any: those that
    this one takes the place of.
    """

    def __init__(
        self,
        calls: Calls,
        clock: Clock,
        progress: Progress,
        *,
        profile_sid: str | None = None,
        claims: Mapping[str, Sequence[Claim]] = MappingProxyType({}),
        replaced: Collection[str] = (),
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._progress = progress
        self._profile_sid = profile_sid
        self._claims = claims
        self._replaced = replaced
        self.held = held_in(progress.facts)
        self._assigning = {number for number, held in numbers_held(progress.facts).items() if held.assigning}
        self._assigning.update(texts(progress.facts.get("assigning")))
        self._sids = {number: held.sid for number, held in self.held.items()}

    def told(self) -> Mapping[str, Value]:
        """Give what is held, as facts. That a number was about to be assigned stays with it wherever it goes."""
        return {
            number: {**held.told(), **({"assigning": True} if number in self._assigning else {})}
            for number, held in sorted(self.held.items())
        }

    def learn(self, owned: Iterable[Number]) -> None:
        """Take the SIDs of numbers from a list."""
        self._sids |= {number.phone_number: number.sid for number in owned}

    def are_known(self, numbers: Iterable[str]) -> bool:
        """Tell whether the SIDs of all these numbers are known."""
        return all(number in self._sids for number in numbers)

    def check(self, owned: Iterable[Number], numbers: Iterable[str], application_sid: str | None) -> None:
        """Raise `Rejected` when a number isn't owned or belongs to somebody else, before anything is made for it."""
        by_number = {number.phone_number: number for number in owned}
        for number in numbers:
            live = by_number.get(number)
            if live is None:
                raise self._not_owned(number)
            try:
                self._giver(number, live, application_sid)
            except Rejected:
                # A list may be late to show that it was unbound: the number itself tells.
                now = self._calls.number(live.sid)
                if now is None:
                    raise self._not_owned(number) from None
                self._giver(number, now, application_sid)

    def hold(self, numbers: Sequence[str], application_sid: str, *, bound: Collection[str]) -> None:
        """Bind numbers to the Application and assign them to the profile. `bound` are those that it has for certain."""
        if not numbers:
            return
        sids = [self._sid(number) for number in numbers]
        there = {each.endpoint_sid: each.sid for each in self._calls.assignments(self._profile, sids)}
        for number, sid in zip(numbers, sids, strict=True):
            held = self.held.get(number, Held(sid))
            if number not in bound or sid not in there:
                held = self._bound(number, held, application_sid)
            if sid in there:
                self._found(number, held, there[sid])
            else:
                self._assign(number, held)

    def release(self, numbers: Iterable[str], application_sid: str) -> None:
        """Give numbers back: off the profile where we put them there, then bound to nothing. What is bound elsewhere by
        now is let alone, and forgotten."""
        for number in numbers:
            live = self._calls.number(self._sid(number))
            if live is not None and live.application_sid in {None, application_sid}:
                self._unassign(number, self.held.get(number, Held(live.sid)))
                if live.application_sid is not None:
                    self._unbind(live)
            self.forget([number])
            self._record(f"number {number}")

    def forget(self, numbers: Iterable[str]) -> None:
        """Remember numbers no more that another Application holds by now."""
        for number in numbers:
            self.held.pop(number, None)
            self._assigning.discard(number)

    def _bound(self, number: str, held: Held, application_sid: str) -> Held:
        """Make sure that a number is bound to the Application, and give what is known of its assignment."""
        live = self._calls.number(held.sid)
        if live is None or live.phone_number != number:
            raise self._not_owned(number)
        giver = self._giver(number, live, application_sid)
        if live.application_sid == application_sid:
            return held
        if giver is not None:
            held = Held(held.sid, giver.assignment, giver.profile_sid)
            if giver.assigning:
                self._assigning.add(number)
        # Recorded first: once it is bound here, nobody can tell any more whose its assignment was.
        self.held[number] = held
        self._record(f"number {number}")
        try:
            changed_or_found(
                lambda: self._calls.bind(held.sid, application_sid),
                lambda: self._looked(held.sid, application_sid),
            )
        except Gone as error:
            raise self._not_owned(number) from error
        return held

    def _giver(self, number: str, live: Number, application_sid: str | None) -> Claim | None:
        """Give who of ours gives the number away, or None when nobody has to. Raises `Rejected`."""
        holder = live.application_sid
        if live.trunk_sid is None:
            if holder in {None, application_sid}:
                return None
            for claim in self._claims.get(number, ()):
                if claim.application_sid == holder:
                    return claim
            if holder in self._replaced:
                return None
        where = f"Application {holder}" if live.trunk_sid is None else f"trunk {live.trunk_sid}"
        raise Rejected(
            f"{number} is bound to {where}, which isn't chanplan's to take it from. It isn't touched.",
            remedy=f"Unbind it there first, when whoever uses it agrees; or take {number} out of phone_numbers.",
            code="number_bound_elsewhere",
        )

    def _found(self, number: str, held: Held, assignment: str) -> None:
        """Take note of an assignment that is there: ours if we know it, or were about to make it."""
        asked = number in self._assigning and held.profile_sid in {None, self._profile}
        now = Held(held.sid, assignment if asked or assignment == held.assignment else None, self._profile)
        if asked or self.held.get(number) != now:
            self._assigning.discard(number)
            self.held[number] = now
            self._record(f"profile assignment of {number}")

    def _assign(self, number: str, held: Held) -> None:
        asked_before = number in self._assigning
        # Lists may be late to show one that we made: Twilio then says that it is there, and it is still ours.
        known = held.assignment
        if held.profile_sid not in {None, self._profile}:
            self._unassign(number, held)
            asked_before, known = False, None
        self._assigning.add(number)
        self.held[number] = Held(held.sid, known, self._profile)
        self._record(f"number {number}")
        try:
            made = self._assigned(number, held.sid, asked_before=asked_before, known=known)
        except Rejected:
            # Nothing was done, so what is found there later is somebody else's doing.
            self._assigning.discard(number)
            self._record(f"number {number}")
            raise
        self._assigning.discard(number)
        self.held[number] = Held(held.sid, made, self._profile)
        self._record(f"profile assignment of {number}")

    def _assigned(self, number: str, sid: str, *, asked_before: bool, known: str | None) -> str | None:
        """Assign a number that has no place on the profile, and give the SID of its place; None when somebody else was
        faster. When the answer is lost, it is looked for until lists are believed before it is asked for once more."""
        lost: OutcomeUnknown | None = None
        for _ in range(2):
            try:
                return self._calls.assign(self._profile, sid).sid
            except AlreadyAssigned as error:
                place = self._believed_place(sid)
                if place is None:
                    raise self._on_another_profile(number, error) from error
                return place if asked_before or lost is not None or place == known else None
            except OutcomeUnknown as error:
                lost = error
                place = self._believed_place(sid)
                if place is not None:
                    return place
            except Gone as error:
                raise Rejected(
                    f"Account {self._calls.account_sid} has no customer profile {self._profile} any more.",
                    remedy="Correct `customer_profile: {sid: …}` of the setup.",
                    code="profile_not_found",
                ) from error
        assert lost is not None
        raise lost

    def _unassign(self, number: str, held: Held) -> None:
        """Take a number off the profile that we put it on."""
        assignment, profile = held.assignment, held.profile_sid
        if profile is None:
            return
        if number in self._assigning:
            # Whether the assignment was made that got no answer, only a look can tell.
            assignment = self._place_on(profile, held.sid)
        if assignment is not None:
            self._calls.unassign(profile, assignment)
            self._assigning.discard(number)
            self.held[number] = Held(held.sid)
            self._record(f"profile assignment of {number}")

    def _unbind(self, live: Number) -> None:
        try:
            changed_or_found(lambda: self._calls.bind(live.sid, None), lambda: self._looked(live.sid, None))
        except Gone:
            # Somebody released the number meanwhile.
            return

    def _looked(self, sid: str, application_sid: str | None) -> Number | None:
        live = self._calls.number(sid)
        return live if live is not None and live.application_sid == application_sid else None

    def _believed_place(self, sid: str) -> str | None:
        """Give where a number is on our profile, and believe that it isn't there only once lists are believed."""
        place = self._place_on(self._profile, sid)
        if place is None:
            self._clock.sleep(BELIEVED_AFTER)
            place = self._place_on(self._profile, sid)
        return place

    def _place_on(self, profile: str, sid: str) -> str | None:
        return next((each.sid for each in self._calls.assignments(profile, [sid])), None)

    def _sid(self, number: str) -> str:
        sid = self._sids.get(number)
        if sid is None:
            raise self._not_owned(number)
        return sid

    @property
    def _profile(self) -> str:
        assert self._profile_sid is not None, "numbers are assigned to a profile"
        return self._profile_sid

    def _not_owned(self, number: str) -> Rejected:
        return Rejected(
            f"Account {self._calls.account_sid} doesn't own the number {number}.",
            remedy="Buy or port it at Twilio first, or correct it: chanplan neither buys nor releases numbers.",
            code="number_not_owned",
        )

    def _on_another_profile(self, number: str, error: Rejected) -> Rejected:
        return Rejected(
            f"{number} ({self._sid(number)}) is assigned to another customer profile than {self._profile}, and not by "
            f"chanplan: {error.message}",
            remedy=f"Take it from that profile first, or take {number} out of phone_numbers.",
            code="number_on_another_profile",
        )

    def _record(self, what: str) -> None:
        self._progress.done(what, numbers=self.told(), assigning=sorted(self._assigning))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
