"""The world behind the in-memory provider: objects made of parts, and the calls that change them."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from chanplan.model.errors import Rejected
from chanplan.model.scopes import Scope
from chanplan.model.values import Facts, Value
from chanplan.providers.memory.faults import Effect, Fault, Moment

T = TypeVar("T")


class Key(NamedTuple):
    """What a part is unique by."""

    provider: str
    account: str | None
    region: str | None
    part: str
    name: str


def key_of(scope: Scope, part: str, name: str) -> Key:
    """Give the key of a part in a scope; names are unique without regard to case."""
    return Key(*scope.place, part, name.lower())


@dataclass(frozen=True, slots=True)
class Part:
    """One thing at the service."""

    name: str
    """As it was spelled when it was made."""
    id: str | None = None
    workspace: str | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    """What stays: ids, ARNs, tokens."""
    statuses: Facts = field(default_factory=dict)
    uses: tuple[Key, ...] = ()
    """Parts that must exist, and that can't go while this one is there."""
    made_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was made."""

    operation: str
    name: str


class MemoryWorld:
    """Everything that exists at the service. With a `path`, it outlives the process, kill -9 included."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._parts: dict[Key, Part] = {}
        self._users: dict[Key, set[Key]] = {}
        self._faults: list[Fault] = []
        self._made = 0
        self.calls: list[Call] = []
        """Every call of this process, in order."""
        if path is not None and path.exists():
            self._restore(json.loads(path.read_text(encoding="utf-8")))

    def fault(
        self,
        effect: Effect,
        moment: Moment = Moment.BEFORE,
        *,
        operation: str | None = None,
        name: str | None = None,
        call: int | None = None,
        times: int = 1,
    ) -> None:
        """Let something go wrong at the calls that fit."""
        with self._lock:
            self._faults.append(Fault(effect, moment, operation, name, call, times))

    def call(self, operation: str, name: str, act: Callable[[], T]) -> T:
        """Make one call: `act` reads or changes the world, all of it or nothing."""
        with self._lock:
            self.calls.append(Call(operation, name))
            number = len(self.calls)
        self._strike(Moment.BEFORE, number, operation, name)
        with self._lock:
            answer = act()
        self._strike(Moment.AFTER, number, operation, name)
        return answer

    def get(self, key: Key) -> Part | None:
        """Give a part, or None."""
        return self._parts.get(key)

    def parts(self) -> Mapping[Key, Part]:
        """Give everything there is."""
        with self._lock:
            return dict(self._parts)

    def put(self, key: Key, part: Part) -> None:
        """Make a part or change it. Raises `Rejected` when something that it uses isn't there."""
        with self._lock:
            for used in part.uses:
                if used not in self._parts:
                    raise Rejected(f"{used.part} {used.name} doesn't exist", code="not_found")
            self._unuse(key)
            self._parts[key] = part
            for used in part.uses:
                self._users.setdefault(used, set()).add(key)
            self._save()

    def remove(self, key: Key) -> None:
        """Take a part away, if it is there. Raises `Rejected` while another part uses it."""
        with self._lock:
            if users := self._users.get(key):
                user = min(users, key=str)
                raise Rejected(f"{key.part} {key.name} is used by {user.part} {user.name}", code="in_use")
            if key in self._parts:
                self._unuse(key)
                del self._parts[key]
                self._save()

    def alter(self, key: Key, **changes: Value) -> None:
        """Change attributes of a part behind everybody's back."""
        part = self._parts[key]
        self.put(key, replace(part, attributes={**part.attributes, **changes}))

    def report(self, key: Key, **statuses: Value) -> None:
        """Change the statuses of a part, as the service does in its own time."""
        part = self._parts[key]
        self.put(key, replace(part, statuses={**part.statuses, **statuses}))

    def lose(self, key: Key) -> None:
        """Take a part away behind everybody's back, whoever uses it."""
        with self._lock:
            self._unuse(key)
            del self._parts[key]
            self._save()

    def serial(self) -> int:
        """Count what is made, so that what is made again is another."""
        with self._lock:
            self._made += 1
            return self._made

    def _strike(self, moment: Moment, number: int, operation: str, name: str) -> None:
        with self._lock:
            struck = next(
                (fault for fault in self._faults if fault.fits(moment, number, operation, name)), None
            )
            if struck is not None:
                struck.times -= 1
        if struck is not None:
            struck.effect.strike()

    def _unuse(self, key: Key) -> None:
        part = self._parts.get(key)
        for used in () if part is None else part.uses:
            self._users[used].discard(key)

    def _save(self) -> None:
        if self._path is None:
            return
        document = {"made": self._made, "parts": [[key, asdict(part)] for key, part in self._parts.items()]}
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(document), encoding="utf-8")
        fresh.replace(self._path)

    def _restore(self, document: dict[str, Value]) -> None:
        made, parts = document["made"], document["parts"]
        assert isinstance(made, int)
        assert isinstance(parts, list)
        self._made = made
        for key, fields in parts:
            uses = tuple(Key(*used) for used in fields.pop("uses"))
            self._parts[Key(*key)] = Part(**fields, uses=uses)
            for used in uses:
                self._users.setdefault(used, set()).add(Key(*key))
