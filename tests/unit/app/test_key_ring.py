"""Keys are judged in memory: every text but the right one is refused, and what another server revoked holds within seconds."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chanplan.app.key_ring import HOLD_SECONDS, REREAD_SECONDS, RETRY_SECONDS, KeyRing
from chanplan.execution.clocks import ManualClock
from chanplan.model.api_keys import (
    KIND,
    ApiKey,
    KeyHolder,
    KeyRefusal,
    KeyScope,
    decode_key,
    digest_of,
    encode_key,
    text_of,
)
from chanplan.model.errors import StateUnreadable
from chanplan.stores.memory import MemoryStore

T0 = datetime(2026, 1, 1, tzinfo=UTC)
ID = "0123456789abcdef"
TEXT = text_of(ID, "a1" * 32)
KEY = ApiKey(
    "dashboard", ID, digest_of(TEXT), frozenset({KeyScope.VIEW}), T0, "ada@desk", T0 + timedelta(days=90)
)
HOLDER = KeyHolder(ID, "dashboard", frozenset({KeyScope.VIEW}))


class Away(MemoryStore):
    """A store that counts how often keys are read, and can be told to fail or to hang."""

    def __init__(self):
        super().__init__()
        self.reads = 0
        self.failing = False
        self.hanging = threading.Event()
        self.hanging.set()

    def kept(self, kind):
        """Reads, or not."""
        self.reads += 1
        assert self.hanging.wait(30)
        if self.failing:
            raise StateUnreadable("The state doesn't answer.")
        return super().kept(kind)


@pytest.fixture
def store():
    """A store with one key."""
    made = Away()
    put(made, KEY)
    return made


@pytest.fixture
def clock():
    """A clock that moves when it's told."""
    return ManualClock(T0)


@pytest.fixture
def ring(store, clock):
    """The keys of that store."""
    return KeyRing(store, clock, patience=0.2, first=0.5)


def put(store, key):
    """Keeps a key, as another server or the command line does."""
    store.keep(KIND, key.name, encode_key(key), at=T0)


class TestJudging:
    def test_the_right_text_has_its_holder(self, ring):
        """With name and scopes, for rights, logs and history."""
        assert (ring.authenticate(TEXT), ring.holder_of(TEXT)) == (HOLDER, HOLDER)

    @pytest.mark.parametrize(
        "text, why",
        [
            ("", KeyRefusal.MALFORMED),
            ("chk_", KeyRefusal.MALFORMED),
            (TEXT[:-1], KeyRefusal.MALFORMED),
            (TEXT + "0", KeyRefusal.MALFORMED),
            (TEXT + "\n", KeyRefusal.MALFORMED),
            (TEXT.upper(), KeyRefusal.MALFORMED),
            (TEXT.replace("a", "\N{CYRILLIC SMALL LETTER A}"), KeyRefusal.MALFORMED),
            (TEXT.replace("1", "\N{ARABIC-INDIC DIGIT ONE}"), KeyRefusal.MALFORMED),
            ("\ud800" * 10, KeyRefusal.MALFORMED),
            ("x" * 1_000_000, KeyRefusal.MALFORMED),
            (text_of("f" * 16, "a1" * 32), KeyRefusal.UNKNOWN),
            (text_of(ID, "a2" + "a1" * 31), KeyRefusal.UNKNOWN),
            (text_of(ID, KEY.digest.hex()), KeyRefusal.UNKNOWN),
        ],
        ids=range(13),
    )
    def test_every_other_text_has_none(self, ring, text, why):
        """Cut, longer, of other letters, of an unknown id, with another secret, with the hash in place of it."""
        assert (ring.authenticate(text), ring.holder_of(text)) == (why, None)

    @given(st.integers(0, len(TEXT) - 1), st.sampled_from("0123456789abcdef_ch"))
    def test_one_other_character_is_another_key(self, place, character):
        """Wherever it stands."""
        text = TEXT[:place] + character + TEXT[place + 1 :]
        made = MemoryStore()
        put(made, KEY)
        judged = KeyRing(made, ManualClock(T0)).authenticate(text)

        assert isinstance(judged, KeyHolder) == (text == TEXT)

    def test_it_holds_until_it_expires(self, ring, clock):
        """To the second, by the workspace's clock, without another look at the store."""
        clock.advance(timedelta(days=90).total_seconds() - 1)
        before = ring.authenticate(TEXT)
        clock.advance(1)

        assert (before, ring.authenticate(TEXT)) == (HOLDER, KeyRefusal.EXPIRED)

    def test_one_without_an_end_holds(self, store, clock):
        """Until somebody revokes it."""
        put(store, replace(KEY, expires_at=None))
        clock.advance(timedelta(days=10_000).total_seconds())

        assert KeyRing(store, clock).authenticate(TEXT) == HOLDER

    def test_a_scope_of_a_later_chanplan_opens_nothing_here(self):
        """What isn't known is left out, and the others stay."""
        kept = {**encode_key(KEY), "scopes": ["view", "everything"]}

        assert decode_key("dashboard", kept).scopes == {KeyScope.VIEW}

    @pytest.mark.parametrize(
        "field, value", [("digest", "md5:00"), ("digest", "sha256:"), ("id", None), ("expires_at", "soon")]
    )
    def test_a_damaged_key_is_told_of(self, store, clock, field, value):
        """And lets nobody in: which key it was can't be known."""
        store.keep(KIND, "dashboard", {**encode_key(KEY), field: value}, at=T0)

        with pytest.raises(StateUnreadable):
            KeyRing(store, clock).authenticate(TEXT)

    def test_why_is_logged_and_the_secret_isnt(self, ring, caplog):
        """For whoever looks for the reason; who sent it is told one thing for all."""
        with caplog.at_level("INFO", "chanplan"):
            ring.holder_of(text_of("f" * 16, "b2" * 32))

        assert "unknown (id ffffffffffffffff)" in caplog.text
        assert "b2b2" not in caplog.text


class TestReading:
    def test_requests_read_nothing(self, ring, store, clock):
        """A thousand within the same seconds, and texts of unknown keys too: one look at the store."""
        for number in range(1_000):
            ring.authenticate(TEXT if number % 2 else text_of("f" * 16, "b2" * 32))
            clock.advance(REREAD_SECONDS / 1_001)

        assert store.reads == 1

    def test_nothing_is_read_before_the_first(self, ring, store):
        """Nor by texts that are no keys at all."""
        ring.authenticate("chk_nonsense")

        assert store.reads == 0

    def test_a_key_that_was_revoked_elsewhere_is_refused_within_seconds(self, ring, store, clock):
        """Five, when the state answers."""
        before = ring.authenticate(TEXT)
        put(store, replace(KEY, revoked_at=T0))
        clock.advance(REREAD_SECONDS)

        assert (before, ring.authenticate(TEXT)) == (HOLDER, KeyRefusal.REVOKED)

    def test_a_key_that_was_made_elsewhere_holds_within_seconds(self, ring, store, clock):
        """As long at most."""
        other = text_of("f" * 16, "b2" * 32)
        before = ring.authenticate(other)
        put(store, replace(KEY, name="other", id="f" * 16, digest=digest_of(other)))
        clock.advance(REREAD_SECONDS)

        assert (before, ring.authenticate(other).name) == (KeyRefusal.UNKNOWN, "other")

    def test_many_at_once_share_a_reading(self, store, clock):
        """Whoever comes while keys are read waits for that."""
        store.hanging.clear()
        ring, judged = KeyRing(store, clock, first=30), []
        threads = [threading.Thread(target=lambda: judged.append(ring.authenticate(TEXT))) for _ in range(20)]
        for each in threads:
            each.start()
        store.hanging.set()
        for each in threads:
            each.join(30)

        assert (judged, store.reads) == ([HOLDER] * 20, 1)


class TestWithoutTheState:
    def test_known_keys_hold_for_a_while(self, ring, store, clock):
        """Then nobody is let in, and it is said that it isn't the key's fault."""
        ring.authenticate(TEXT)
        store.failing = True
        held = []
        while clock.monotonic() < HOLD_SECONDS - 1:
            clock.advance(1)
            held.append(ring.authenticate(TEXT))
        clock.advance(1)
        with pytest.raises(StateUnreadable) as caught:
            ring.authenticate(TEXT)

        assert set(held) == {HOLDER}
        assert (caught.value.code, str(caught.value.__cause__)) == (
            "keys_unavailable",
            "The state doesn't answer.",
        )
        # Not one for each of them.
        assert store.reads <= 2 + HOLD_SECONDS / REREAD_SECONDS

    def test_it_ends_when_the_state_is_back(self, ring, store, clock):
        """With the next look."""
        store.failing = True
        with pytest.raises(StateUnreadable):
            ring.authenticate(TEXT)
        store.failing = False
        with pytest.raises(StateUnreadable):
            ring.authenticate(TEXT)
        clock.advance(RETRY_SECONDS)

        assert ring.authenticate(TEXT) == HOLDER

    def test_a_state_that_hangs_holds_up_one_request_for_a_moment(self, ring, store, clock):
        """The others go on with the keys that are known, at once; when it wakes up, what it says holds."""
        ring.authenticate(TEXT)
        put(store, replace(KEY, revoked_at=T0))
        store.hanging.clear()
        clock.advance(REREAD_SECONDS)
        judged = [ring.authenticate(TEXT) for _ in range(100)]
        reads = store.reads
        clock.advance(HOLD_SECONDS)
        with pytest.raises(StateUnreadable):
            ring.authenticate(TEXT)
        store.hanging.set()
        for _ in range(200):
            try:
                if ring.authenticate(TEXT) is KeyRefusal.REVOKED:
                    break
            except StateUnreadable:
                threading.Event().wait(0.01)
        else:
            pytest.fail("what the state says now never held")

        assert (judged, reads) == ([HOLDER] * 100, 2)
