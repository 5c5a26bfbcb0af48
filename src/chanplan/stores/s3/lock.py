"""The lock of a workspace: an object that one run alone can write over, with signs of life in it.

It is never deleted: a free lock is an object that says so, and taking it is writing over exactly that one. A request
whose answer was lost is known again by the token that it brought.
"""

import json
import logging
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from chanplan.model.encoding import encode_moment
from chanplan.model.errors import Locked, Misused, StateError, StateUnwritable
from chanplan.model.holding import Holding
from chanplan.model.narrowing import Shape, from_text, shape_of
from chanplan.stores.s3.bucket import Bucket, Stored
from chanplan.stores.s3.place import Place
from chanplan.stores.s3.processes import Process, is_over, this_process
from chanplan.stores.s3.writing import Writer

_log = logging.getLogger(__name__)

BEAT_SECONDS = 30.0
"""Between two signs of life."""
POLL_SECONDS = 1.0
"""Between two looks at somebody else's lock."""
SILENT_SECONDS = 300.0
"""Without a sign of life for so long, a holder has probably died: ten beats, more than a request is ever tried."""


class _Standing(StrEnum):
    HELD = "held"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Note:
    """What a lock object says."""

    standing: str
    id: str
    """Drawn by its holder."""
    holder: str
    reason: str
    started: datetime
    seen: datetime
    """The last sign of life, by the holder's clock: it makes each writing another object."""
    process: Process | None = None
    """Who that is, for others on the same machine."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How often a lock is looked at and renewed, in seconds."""

    beat: float = BEAT_SECONDS
    poll: float = POLL_SECONDS
    silent: float = SILENT_SECONDS


class Lock:
    """The lock of one state, for any number of holders one after the other."""

    def __init__(self, bucket: Bucket, place: Place, writer: Writer, timing: Timing) -> None:
        self._bucket = bucket
        self._place = place
        self._writer = writer
        self._timing = timing

    @contextmanager
    def hold(self, holder: str, reason: str, timeout: float) -> Iterator[None]:
        """Hold the lock, waiting for it up to `timeout` seconds. Raises `Locked`."""
        now = _now()
        note = Note(_Standing.HELD, secrets.token_hex(8), holder, reason, now, now, this_process())
        held = _Held(self._bucket, self._place.lock, note, self._acquire(note, timeout))
        try:
            self._writer.enter(note.id, held.is_ours)
            beats = threading.Thread(
                target=held.beat, args=(self._timing.beat,), name="chanplan-lock", daemon=True
            )
            beats.start()
            try:
                yield
            finally:
                held.stop.set()
                beats.join()
                self._writer.leave()
        finally:
            self._release(held)

    def held(self) -> Holding | None:
        """Give who holds the lock; None when nobody does."""
        stored = self._bucket.get(self._place.lock)
        if stored is None:
            return None
        note = _decode(stored, self._place)
        return None if note.standing == _Standing.FREE else _holding(note, stored.age)

    def break_open(self, id: str) -> None:
        """Take the lock of this id away from its holder, who writes no more from then on. Raises `Misused` when it
        isn't held under this id."""
        stored = self._bucket.get(self._place.lock)
        note = None if stored is None else _decode(stored, self._place)
        if stored is None or note is None or note.standing == _Standing.FREE or note.id != id:
            raise Misused(
                f"The state {self._place} isn't locked under the id {id}.",
                remedy="The lock was released meanwhile, or it's another run's: look again.",
                code="lock_not_held",
            )
        freed = replace(note, standing=_Standing.FREE, seen=_now())
        while self._bucket.replace(self._place.lock, _encode(freed), stored.etag) is None:
            # A sign of life, or ours whose answer was lost.
            stored = self._bucket.get(self._place.lock)
            if stored is None or _decode(stored, self._place).id != id:
                break
            if _decode(stored, self._place).standing == _Standing.FREE:
                break
        self._writer.shut_out(f"broken-{id}")

    def _acquire(self, note: Note, timeout: float) -> str:
        deadline = time.monotonic() + timeout
        key = self._place.lock
        try:
            while True:
                stored = self._bucket.get(key)
                if stored is None:
                    etag = self._bucket.create(key, _encode(note))
                else:
                    there = _decode(stored, self._place)
                    if there.id == note.id:
                        return stored.etag  # its answer was lost
                    if there.standing == _Standing.HELD:
                        left = deadline - time.monotonic()
                        if left <= 0:
                            raise self._locked(there, stored.age)
                        time.sleep(min(self._timing.poll, left))
                        continue
                    etag = self._bucket.replace(key, _encode(note), stored.etag)
                if etag is not None:
                    return etag
        except StateUnwritable:
            # It may have been written all the same.
            with suppress(StateError):
                self._release(_Held(self._bucket, key, note, ""))
            raise

    def _release(self, held: "_Held") -> None:
        try:
            held.release()
        except StateError as error:
            _log.warning(
                "The lock of the state %s couldn't be released: %s Break it with `chanplan unlock %s`.",
                self._place,
                error.message,
                held.note.id,
            )

    def _locked(self, note: Note, age: float) -> Locked:
        holding = _holding(note, age)
        remedy = "Wait until it ends, or let `--lock-timeout` wait."
        if holding.over:
            remedy = (
                f"It ran on this machine, was killed, and won't write again: `chanplan unlock {note.id}`."
            )
        elif age > self._timing.silent:
            remedy = (
                f"Wait until it ends. It has probably died, since it says something every {round(self._timing.beat)} s:"
                f" make sure that it doesn't run any more, then `chanplan unlock {note.id}`."
            )
        return Locked(holding, remedy=remedy)


class _Held:
    """A lock that this process holds, as long as nobody breaks it."""

    def __init__(self, bucket: Bucket, key: str, note: Note, etag: str) -> None:
        self.note = note
        self.stop = threading.Event()
        self._bucket = bucket
        self._key = key
        self._etag = etag
        self._guard = threading.Lock()

    def is_ours(self) -> bool:
        """Look whether the lock is still ours. Raises `StateUnreadable`."""
        stored = self._bucket.get(self._key)
        return stored is not None and self._is(stored)

    def beat(self, seconds: float) -> None:
        """Give signs of life until it is stopped or the lock is broken."""
        while not self.stop.wait(seconds):
            try:
                if not self._renew(replace(self.note, seen=_now())):
                    return
            except StateError:
                continue  # the next one may come through; the journal's fence is what protects the state

    def release(self) -> None:
        """Say that the lock is free, unless it was broken."""
        self._renew(replace(self.note, standing=_Standing.FREE, seen=_now()))

    def _renew(self, note: Note) -> bool:
        body = _encode(note)
        with self._guard:
            etag = self._bucket.replace(self._key, body, self._etag) if self._etag else None
            while etag is None:
                stored = self._bucket.get(self._key)
                if stored is None or not self._is(stored):
                    return False
                if stored.body == body:
                    etag = stored.etag
                else:
                    etag = self._bucket.replace(self._key, body, stored.etag)
            self._etag = etag
            return True

    def _is(self, stored: Stored) -> bool:
        try:
            shape = shape_of(from_text(stored.body.decode("utf-8", "replace"), "lock"), "lock")
        except StateError:
            return False
        return (shape.fields.get("id"), shape.fields.get("standing")) == (self.note.id, _Standing.HELD)


def _encode(note: Note) -> bytes:
    times = {"started": encode_moment(note.started), "seen": encode_moment(note.seen)}
    return json.dumps({**asdict(note), **times}).encode()


def _decode(stored: Stored, place: Place) -> Note:
    where = f"The lock object {place.lock}"
    shape = shape_of(from_text(stored.body.decode("utf-8", "replace"), where), where)
    standing = shape.member("standing", _Standing)
    return Note(
        standing,
        shape.text("id"),
        shape.text("holder"),
        shape.text("reason"),
        shape.moment("started"),
        shape.moment("seen"),
        _decode_process(shape.optional_inner("process")),
    )


def _decode_process(shape: Shape | None) -> Process | None:
    return None if shape is None else Process(shape.text("world"), shape.whole("pid"), shape.whole("born"))


def _holding(note: Note, age: float) -> Holding:
    over = note.process is not None and is_over(note.process)
    return Holding(note.id, note.holder, note.reason, note.started, silent=age, over=over)


def _now() -> datetime:
    return datetime.now(UTC)
