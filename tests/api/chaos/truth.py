"""Whether answers can be true: what the Channel Manager may hold, and how each request may change it.

A house is a few names that several clients fight for: tenants and domains, and use cases of their setups. Nothing in one
house hangs on another. Its history is linearizable when there is an order of its requests, each somewhere between its
sending and its answer, in which every answer is right. The search is that of Lowe, "Testing for linearizability" (2017):
all states that can be are carried along from answer to answer, and an answer that fits none of them is a lie.

A request without an answer, since its server was killed, may have done nothing, have begun, or be done: whatever it was, it
was so when its server died. What was begun is finished, or taken back, at any later moment by whoever changes something next.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

MOST = 200_000
"""States in one search. More would be a history that nobody can judge, and is said to be one."""
CODES = {
    "tenant_exists": "tenant",
    "domain_exists": "domain",
    "use_case_exists": "use_case",
    "configuration_set_exists": "set",
    "sender_address_bound": "sender",
}
"""By the code of a conflict: what it is about."""


class Stage(Enum):
    """How far a thing is."""

    BEGUN = "begun"
    """It is being made; no list shows it."""
    WHOLE = "whole"
    GOING = "going"
    """Its deletion was begun; lists show it until it is over."""


class Thing(NamedTuple):
    """A setup or a use case."""

    kind: str
    """`setup` or `case`."""
    id: str
    """`?` and a number where nobody was told."""
    claims: frozenset[str]
    """What only one may have, each as `namespace:value`."""
    of: str | None
    """The id of a use case's setup."""
    stage: Stage
    keys: frozenset[str] = frozenset()
    """The idempotency keys under which it was asked for."""

    def is_(self, id: str) -> bool:
        """Whether it can be the one of an id."""
        return self.id == id or self.id.startswith("?")


class State(NamedTuple):
    """What can be."""

    things: frozenset[Thing] = frozenset()
    answers: frozenset[tuple[str, str]] = frozenset()
    """Which id the requests under a key are answered with."""


class Seen(NamedTuple):
    """A thing as an answer shows it."""

    id: str
    claims: frozenset[str]
    of: str | None = None


@dataclass(frozen=True)
class Asked:
    """A request."""

    what: str
    """`make`, `delete`, `get` or `list`."""
    kind: str
    claims: frozenset[str] = frozenset()
    of: str | None = None
    """The setup that a use case is for, or that a list is narrowed to."""
    id: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class Answer:
    """What came of it."""

    status: int
    """0 when nobody answered, or the answer leaves open what was done."""
    code: str | None = None
    seen: frozenset[Seen] = frozenset()
    """What it shows: one thing, or a list of them."""
    named: frozenset[str] = frozenset()
    """The ids that a conflict names."""


@dataclass(frozen=True)
class Exchange:
    """A request with its answer, and when: positions in the order in which all clients sent and heard."""

    number: int
    asked: Asked
    answer: Answer
    sent: int
    heard: int | None
    """None when it may go on behind everybody's back."""
    said: str = ""
    """For people: who asked whom, and what."""


@dataclass(frozen=True)
class Lie:
    """An answer that fits nothing that can be."""

    exchange: Exchange
    states: tuple[State, ...]
    """What could be before it."""
    besides: tuple[Exchange, ...]
    """What was under way at the time."""

    def __str__(self) -> str:
        told = [f"can't be true: {self.exchange.said}"]
        told += [f"  under way: {each.said}" for each in self.besides]
        for state in self.states[:4]:
            things = ", ".join(
                f"{each.kind} {each.id[:8]} {each.stage.value} {'/'.join(sorted(each.claims))}"
                + (f" of {each.of[:8]}" if each.of else "")
                for each in sorted(state.things, key=lambda each: each.id)
            )
            told.append(f"  there could be: {things or 'nothing'}")
        return "\n".join(told)


class TooMany(Exception):
    """A history with more states than can be looked at."""


def judged(history: Iterable[Exchange]) -> Lie | None:
    """Look for an order of a house's exchanges in which all answers are right; give the first answer that none has."""
    moments: list[tuple[int, bool, Exchange]] = []
    for each in history:
        moments.append((each.sent, False, each))
        if each.heard is not None:
            moments.append((each.heard, True, each))
    moments.sort(key=lambda moment: moment[0])
    can_be: set[tuple[State, frozenset[int]]] = {(State(), frozenset())}
    under_way: dict[int, Exchange] = {}
    for _, is_answer, exchange in moments:
        if not is_answer:
            under_way[exchange.number] = exchange
            continue
        after = _after(can_be, under_way, exchange.number)
        if not after:
            besides = tuple(each for each in under_way.values() if each is not exchange)
            return Lie(exchange, tuple({state for state, _ in can_be}), besides)
        can_be = after
        del under_way[exchange.number]
    return None


def _after(
    before: set[tuple[State, frozenset[int]]], under_way: dict[int, Exchange], number: int
) -> set[tuple[State, frozenset[int]]]:
    """Give what can be once an exchange is over, with those of the others that took effect before it."""
    found: set[tuple[State, frozenset[int]]] = set()
    known: set[tuple[State, frozenset[int]]] = set()
    look = list(before)
    while look:
        state, done = look.pop()
        done = done | _without_effect(state, done, under_way)
        if number in done:
            found.add((state, done - {number}))
            continue
        if (state, done) in known:
            continue
        known.add((state, done))
        if len(known) > MOST:
            raise TooMany(f"more than {MOST:,} states, with {len(under_way)} requests at once")
        look += [(other, done) for other in by_itself(state)]
        for each in under_way.values():
            if each.number not in done:
                look += [(other, done | {each.number}) for other in effects(state, each)]
    return found


def _without_effect(state: State, done: frozenset[int], under_way: dict[int, Exchange]) -> frozenset[int]:
    """Give the exchanges whose answers are right now and that change nothing. Nothing is lost when they come at once: whatever
    may follow on them may follow on the state as it is."""
    return frozenset(
        each.number
        for each in under_way.values()
        if each.number not in done and each.answer.status and list(effects(state, each)) == [state]
    )


def by_itself(state: State) -> Iterator[State]:
    """Give what a state may become because somebody's change finishes, or takes back, what was left over."""
    for thing in state.things:
        if thing.stage is Stage.BEGUN:
            yield _put(state, thing, thing._replace(stage=Stage.WHOLE))
            yield _put(state, thing, None)
        elif thing.stage is Stage.GOING:
            yield _put(state, thing, None)


def effects(state: State, exchange: Exchange) -> Iterator[State]:
    """Give what a state becomes by a request, in all ways that its answer allows; nothing where it allows none."""
    asked, answer = exchange.asked, exchange.answer
    match asked.what:
        case "make":
            yield from _made(state, asked, answer, f"?{exchange.number}")
        case "delete":
            yield from _deleted(state, asked, answer)
        case "get":
            yield from _got(state, asked, answer)
        case "list":
            yield from _listed(state, asked, answer)


def _made(state: State, asked: Asked, answer: Answer, unknown: str) -> Iterator[State]:
    first = next((id for key, id in state.answers if key == asked.key), None)
    if first is not None:
        # The first answer, whatever became of the thing since.
        if answer.status == 0:
            yield state
        elif answer.status == 201:
            yield from _named(state, first, answer)
        return
    mine = [each for each in state.things if asked.key is not None and asked.key in each.keys]
    done = next((each for each in mine if each.stage is Stage.WHOLE), None)
    if done is not None:
        if answer.status == 0:
            yield state
            yield _answered(state, asked, done.id)
        elif answer.status == 201:
            for named in _named(state, done.id, answer):
                yield _answered(named, asked, _only(answer).id)
        return
    setup = _setup_of(state, asked)
    if asked.kind == "case" and setup is None:
        if answer.status in (0, 404):
            yield state
        return
    if answer.code == "dns_not_verified":
        # Whether it was, the records that were published tell; see `asking.py`.
        if asked.kind == "case":
            yield state
        return
    rivals = [each for each in state.things if each.claims & asked.claims]
    if answer.status == 409:
        about = {
            each
            for each in rivals
            for claim in each.claims & asked.claims
            if claim.partition(":")[0] == CODES.get(answer.code or "")
        }
        if about and all(any(each.is_(id) for each in about) for id in answer.named):
            yield state
        return
    like = [each for each in rivals if _goes_on(each, asked)]
    if answer.status not in (0, 201):
        return
    if answer.status == 0:
        yield state
    if rivals and (len(rivals) > 1 or not like):
        return
    if setup is not None and setup.stage is Stage.GOING:
        return
    base = like[0] if like else None
    keys = (base.keys if base else frozenset()) | ({asked.key} if asked.key else frozenset())
    id = base.id if base else unknown
    thing = Thing(asked.kind, id, asked.claims, asked.of, Stage.WHOLE, keys)
    if answer.status == 201:
        seen = _only(answer)
        if (base is None or base.is_(seen.id)) and seen.claims == asked.claims and seen.of == asked.of:
            yield _answered(_put(state, base, thing._replace(id=seen.id)), asked, seen.id)
        return
    yield _put(state, base, thing._replace(stage=Stage.BEGUN))
    yield _put(state, base, thing)
    if asked.key:
        yield _answered(_put(state, base, thing), asked, id)


def _goes_on(thing: Thing, asked: Asked) -> bool:
    """Whether a request goes on with what another one began."""
    return thing.stage is Stage.BEGUN and (thing.claims, thing.of) == (asked.claims, asked.of)


def _deleted(state: State, asked: Asked, answer: Answer) -> Iterator[State]:
    assert asked.id is not None
    exact = [each for each in state.things if each.id == asked.id]
    if answer.status == 404:
        if not exact:
            yield state
        return
    if answer.status == 0:
        yield state
    for thing in exact or [each for each in state.things if each.kind == asked.kind and each.is_(asked.id)]:
        using = [each for each in state.things if each.of == asked.id]
        named = _put(state, thing, thing._replace(id=asked.id))
        if answer.code == "setup_in_use":
            if using and all(any(each.is_(id) for each in using) for id in answer.named):
                yield named
        elif using or answer.status not in (0, 204):
            continue
        else:
            yield _put(state, thing, None)
            if answer.status == 0:
                yield _put(state, thing, thing._replace(id=asked.id, stage=Stage.GOING))


def _got(state: State, asked: Asked, answer: Answer) -> Iterator[State]:
    if answer.status == 404:
        if not any(each.id == asked.id and each.stage is not Stage.BEGUN for each in state.things):
            yield state
        return
    if answer.status == 200:
        for thing in state.things:
            if thing.stage is not Stage.BEGUN and _shows(thing, _only(answer)):
                yield _put(state, thing, thing._replace(id=_only(answer).id))
    elif answer.status == 0:
        yield state


def _listed(state: State, asked: Asked, answer: Answer) -> Iterator[State]:
    if answer.status == 0:
        yield state
        return
    there = [
        each
        for each in state.things
        if each.kind == asked.kind
        and each.stage is not Stage.BEGUN
        and (asked.of is None or each.of == asked.of)
    ]
    if len(there) != len(answer.seen):
        return
    for seen in answer.seen:
        # Claims are one thing's alone.
        thing = next((each for each in there if _shows(each, seen)), None)
        if thing is None:
            return
        state = _put(state, thing, thing._replace(id=seen.id))
    yield state


def _shows(thing: Thing, seen: Seen) -> bool:
    return thing.is_(seen.id) and (thing.claims, thing.of) == (seen.claims, seen.of)


def _setup_of(state: State, asked: Asked) -> Thing | None:
    if asked.kind != "case" or asked.of is None:
        return None
    return next(
        (
            each
            for each in state.things
            if each.kind == "setup" and each.is_(asked.of) and each.stage is not Stage.BEGUN
        ),
        None,
    )


def _only(answer: Answer) -> Seen:
    (seen,) = answer.seen
    return seen


def _named(state: State, id: str, answer: Answer) -> Iterator[State]:
    """Give the state with the id that is told now for the first time; nothing where another one was told before."""
    told = _only(answer).id
    if id == told:
        yield state
    elif id.startswith("?"):
        yield State(
            frozenset(each._replace(id=told) if each.id == id else each for each in state.things),
            frozenset((key, told if one == id else one) for key, one in state.answers),
        )


def _answered(state: State, asked: Asked, id: str) -> State:
    return state if asked.key is None else state._replace(answers=state.answers | {(asked.key, id)})


def _put(state: State, old: Thing | None, new: Thing | None) -> State:
    """Put a thing in place of another. What was a number until now is told everywhere."""
    things = state.things - {old} if old is not None else state.things
    if new is not None:
        things = things | {new}
    answers = state.answers
    if old is not None and new is not None and old.id != new.id:
        answers = frozenset((key, new.id if id == old.id else id) for key, id in answers)
    return State(things, answers)
