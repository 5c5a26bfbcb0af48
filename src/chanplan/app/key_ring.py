"""Judging the key that came with a request, without reading the state for each.

Keys are read again when those in memory are `REREAD_SECONDS` old, by one thread at a time. A request waits for that, but not
longer than `PATIENCE_SECONDS`: a store that is slow or away keeps nobody with a known key out, until what is known is
`HOLD_SECONDS` old. So a key that was revoked elsewhere opens nothing after 6 seconds, or 60 where the store doesn't answer.
"""

import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from chanplan.app.keys import read_keys
from chanplan.model.api_keys import ApiKey, KeyHolder, KeyRefusal, id_in, is_text_of
from chanplan.model.errors import StateError, StateUnreadable
from chanplan.ports.clock import Clock
from chanplan.ports.store import Store

REREAD_SECONDS = 5.0
PATIENCE_SECONDS = 1.0
HOLD_SECONDS = 60.0
RETRY_SECONDS = 1.0
"""Between two tries while nothing that holds is known."""
FIRST_SECONDS = 15.0
"""How long the first requests wait for keys to be read at all."""

_NOBODYS = secrets.token_bytes(32)
"""What a text with an unknown id is compared with, so that it takes as long as another."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Read:
    """Keys by id, as of a time of the clock that never goes back."""

    keys: Mapping[str, ApiKey]
    at: float


class KeyRing:
    """The keys of one workspace. Safe under many threads; reads nothing before it is asked.

    `patience` and `first` are real seconds, whatever the clock says.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        patience: float = PATIENCE_SECONDS,
        first: float = FIRST_SECONDS,
    ) -> None:
        self._store = store
        self._clock = clock
        self._patience = patience
        self._first = first
        self._known: _Read | None = None
        self._reading: threading.Event | None = None
        self._overdue = False
        """Whether somebody waited for the present reading in vain."""
        self._tried_at: float | None = None
        self._failure: Exception | None = None
        self._guard = threading.Lock()

    def authenticate(self, text: str) -> KeyHolder | KeyRefusal:
        """Say whose key a text is, or why it is none.

        Raises:
            StateUnreadable: `keys_unavailable`, when what is known of keys is too old to go by.
        """
        id = id_in(text)
        if id is None:
            return KeyRefusal.MALFORMED
        key = self._keys().get(id)
        if not is_text_of(text, _NOBODYS if key is None else key.digest) or key is None:
            return KeyRefusal.UNKNOWN
        return key.standing(self._clock.now()) or key.holder

    def holder_of(self, text: str) -> KeyHolder | None:
        """Say whose key a text is; None for all that is none, with the reason in the log at `info`."""
        judged = self.authenticate(text)
        if isinstance(judged, KeyHolder):
            return judged
        _log.info("A key was refused: %s (id %s)", judged, id_in(text) or "none")
        return None

    def _keys(self) -> Mapping[str, ApiKey]:
        known = self._known
        if known is not None and self._age(known) < REREAD_SECONDS:
            return known.keys
        reading, patience = self._begun()
        if reading is not None and not reading.wait(patience):
            self._overdue = True
        known = self._known
        if known is None or self._age(known) >= HOLD_SECONDS:
            raise StateUnreadable(
                "Keys can't be looked up: the state that holds them can't be read.",
                remedy="Try again in a moment; `chanplan doctor` says what is wrong with the state.",
                code="keys_unavailable",
            ) from self._failure
        return known.keys

    def _begun(self) -> tuple[threading.Event | None, float]:
        """Have the keys read, unless that is under way or has just failed; give what to wait for and how long."""
        with self._guard:
            known, now = self._known, self._clock.monotonic()
            is_of_use = known is not None and now - known.at < HOLD_SECONDS
            patience = self._patience if is_of_use else self._first
            if self._reading is not None:
                return self._reading, 0.0 if self._overdue else patience
            pause = REREAD_SECONDS if is_of_use else RETRY_SECONDS
            if self._failure is not None and self._tried_at is not None and now - self._tried_at < pause:
                return None, 0.0
            self._reading, self._overdue, self._tried_at = threading.Event(), False, now
            threading.Thread(target=self._read, args=(self._reading, now), name="keys", daemon=True).start()
            return self._reading, patience

    def _read(self, done: threading.Event, now: float) -> None:
        try:
            keys = {key.id: key for key in read_keys(self._store)}
        except Exception as error:  # noqa: BLE001 - whoever waits for the keys is told, or goes on with the old ones
            self._failure = error
            if isinstance(error, StateError):
                _log.warning("Keys of the API can't be read: %s", error.message)
            else:
                _log.exception("Keys of the API can't be read")
        else:
            self._known, self._failure = _Read(keys, now), None
        finally:
            with self._guard:
                self._reading = None
            done.set()

    def _age(self, known: _Read) -> float:
        return self._clock.monotonic() - known.at
