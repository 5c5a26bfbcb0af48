"""The store in S3 among runs that die, answers that are lost, locks that are broken, and endpoints that are wrong."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from chanplan.model.addresses import Address
from chanplan.model.errors import Locked, Misused, StateUnreadable, StateUnwritable
from chanplan.model.snapshots import DropResource, PutResource, Snapshot
from chanplan.stores.s3 import writing
from chanplan.stores.s3.lock import Timing
from tests.conformance.s3_doors import CREDENTIALS, CUT, KEY, LOST, PASS, Away, Outcome, door, own_door
from tests.conformance.store_samples import (
    OBSERVATION,
    RECEIPTS,
    RECEIPTS_STATE,
    SETUP,
    SETUP_STATE,
    approval,
    intent,
    resource,
    run,
)

ROOT = Path(__file__).parents[2]
NOBODY = 2**30
"""No process has this number: Linux gives none above 2^22 (proc(5), pid_max)."""


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    """What a bucket asks for."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def opened():
    """Opens states, and closes them in the end."""
    stores = []

    def remembered(away, **other):
        stores.append(away.open(**other))
        return stores[-1]

    yield remembered
    for store in stores:
        store.close()


@pytest.fixture
def gate():
    """A door to be told what to do."""
    with door() as made:
        yield made


def start(*arguments, **pipes):
    """Start a program of `s3_victims`."""
    command = [sys.executable, "-m", "tests.conformance.s3_victims", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **pipes)


def work(store):
    """One change, as `s3_victims` does it."""
    with store.lock("me", "apply", 0):
        store.begin(intent())
        store.checkpoint("intent-1", {"step": 1})
        store.settle("intent-1", [PutResource(RECEIPTS_STATE)], spend="sha256:one")


def approve_and_work(store):
    """The same from the beginning."""
    store.approve(approval("sha256:plan", "sha256:one"))
    work(store)


def stage(snapshot):
    """Tell how many of begin, checkpoint and settle a state has seen; fails on any state between two of them."""
    open_intents = [each.facts for each in snapshot.intents]
    remaining = [each.remaining for each in snapshot.approvals]
    approved = [frozenset({"sha256:one"})]
    known = [
        ([], {}, approved, 0),
        ([{}], {}, approved, 1),
        ([{"step": 1}], {}, approved, 1),
        ([], {RECEIPTS: RECEIPTS_STATE}, [frozenset()], 2),
    ]
    return known.index((open_intents, dict(snapshot.resources), remaining, snapshot.serial))


class TestLostAnswers:
    def test_whatever_answer_is_lost_the_change_is_done_once(self, gate, opened):
        """The answer to each write in turn is lost after it was carried out, and that to every read at once: it's asked
        again, nothing is done twice, and the lock is known to be one's own."""
        approve_and_work(opened(Away(), endpoint_url=gate.endpoint))
        reads = [each.number for each in gate.seen if each.method in ("GET", "HEAD")]
        writes = sorted({each.number for each in gate.seen} - set(reads))

        for lost in ([number] for number in writes):
            self._done_once(lost, gate, opened)
        # Asked again, a read is the next request.
        self._done_once([number + before for before, number in enumerate(reads)], gate, opened)

    def _done_once(self, lost, gate, opened):
        gate.seen.clear()
        gate.decide = lambda request: LOST if request.number in lost else PASS
        store = opened(Away(), endpoint_url=gate.endpoint)
        approve_and_work(store)

        after = store.load()
        assert (stage(after), after.sequence, store.held()) == (3, 4, None), lost

    @pytest.mark.parametrize(
        "outcome", [CUT, Outcome(refusal=(503, "SlowDown")), Outcome(refusal=(500, "InternalError"))]
    )
    def test_what_passes_is_tried_again(self, gate, opened, outcome):
        """Every request fails once: cut off before it was carried out, slowed down, or answered with trouble."""
        away = Away()
        opened(away).approve(approval("sha256:plan", "sha256:one"))
        gate.decide = lambda request: PASS if request.number % 2 else outcome
        store = opened(away, endpoint_url=gate.endpoint)

        work(store)

        assert (stage(store.load()), store.held()) == (3, None)


class TestKilled:
    def test_a_kill_at_any_request_leaves_what_had_returned(self, gate, opened):
        """A run dies of kill -9 before each request is carried out, and after: what had returned is there, the call that
        was under way is there wholly or not at all. Its lock stays until it's broken; the next run then goes on."""
        with start("work", gate.endpoint, stdin=subprocess.PIPE) as victims:
            said, _ = self._played(victims, gate, opened, lambda _request, _victim: PASS)
            # But those of the start-up test, which hold nothing.
            puts = [each.number for each in gate.writes() if not each.path.endswith(".check")]
            assert said == ["begin", "checkpoint", "settle"]

            seen = {
                self._killed_at(number, each, victims, gate, opened)
                for number in puts
                for each in (CUT, LOST)
            }
            victims.stdin.close()

        assert {found for _, found in seen} == {0, 1, 2, 3}
        # Each call was under way when its run died: not done yet, and done without anybody knowing.
        assert seen >= {(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3)}

    def _played(self, victims, gate, opened, decide):
        """Let one victim do its work, and give what it said and where; `decide` is told the number of its process."""
        away = Away()
        opened(away).approve(approval("sha256:plan", "sha256:one"))
        gate.seen.clear()
        victim = Future()
        gate.decide = lambda request: decide(request, victim.result(60))
        victims.stdin.write(f"{away.bucket}\n")
        victims.stdin.flush()
        victim.set_result(int(victims.stdout.readline()))
        said = victims.stdout.readline().split()
        gate.decide = lambda _: PASS
        return said, away

    def _killed_at(self, number, outcome, victims, gate, opened):
        killed = []

        def decide(request, victim):
            if request.number < number:
                return PASS
            if not killed:
                os.kill(victim, signal.SIGKILL)
                killed.append(request.number)
            return outcome if request.number == number else CUT

        said, away = self._played(victims, gate, opened, decide)
        assert killed == [number]

        store = opened(away)
        held = store.held()
        if held is not None:
            assert held.over
            store.break_lock(held.id)
        with store.lock("next", "apply", 0):
            found = stage(store.load())
            store.edit([PutResource(SETUP_STATE)])
        returned = len(said)
        assert found in {returned, returned + 1}, (number, outcome)
        return returned, found


class TestZombies:
    def test_a_holder_whose_lock_was_broken_writes_no_more(self, opened):
        """It sleeps, its lock is broken, another run takes over: whatever it tries then is refused, and changes
        nothing."""
        away = Away()
        zombie, successor = opened(away), opened(away)
        with zombie.lock("ci@build-7", "apply", 0):
            zombie.begin(intent())
            successor.break_lock(successor.held().id)
            with successor.lock("me", "apply", 0):
                successor.settle("intent-1", [PutResource(RECEIPTS_STATE)])
            with pytest.raises(StateUnwritable) as caught:
                zombie.settle("intent-1", [PutResource(SETUP_STATE)])

        assert caught.value.code == "lock_lost"
        assert dict(successor.load().resources) == {RECEIPTS: RECEIPTS_STATE}

    def test_nor_does_it_when_nobody_took_over(self, opened):
        """Breaking the lock is enough."""
        away = Away()
        zombie, other = opened(away), opened(away)
        with zombie.lock("ci@build-7", "apply", 0):
            zombie.begin(intent())
            other.break_lock(other.held().id)
            with pytest.raises(StateUnwritable) as caught:
                zombie.checkpoint("intent-1", {"step": 1})

        assert (caught.value.code, other.load().intents) == ("lock_lost", (intent(),))

    def test_a_name_that_is_free_again_is_no_way_in(self, opened):
        """While it slept the journal was folded into the snapshot and deleted, so that the name which it would write next
        is free: it finds out, and what it wrote is nobody's."""
        away = Away()
        zombie, successor = opened(away), opened(away)
        with zombie.lock("ci@build-7", "apply", 0):
            zombie.begin(intent())
            successor.break_lock(successor.held().id)
            with successor.lock("me", "apply", 0):
                for number in range(writing.WORTH_IT):
                    successor.edit([PutResource(resource(RECEIPTS, n=number))])
            with pytest.raises(StateUnwritable) as caught:
                zombie.settle("intent-1", [DropResource(RECEIPTS)])

        after = opened(away).load()
        assert caught.value.code == "lock_lost"
        assert (dict(after.resources), after.intents) == (
            {RECEIPTS: resource(RECEIPTS, n=writing.WORTH_IT - 1)},
            (intent(),),
        )

    def test_a_lock_of_another_id_is_not_broken(self, opened):
        """The id must be the one that was shown: the lock may be another run's by now."""
        store = opened(Away())
        with store.lock("ci", "apply", 0):
            with pytest.raises(Misused):
                store.break_lock("0000000000000000")

            assert store.held().holder == "ci"

    def test_a_silent_holder_is_told_from_a_busy_one(self, opened):
        """One that gives signs of life is waited for; of one that doesn't any more it's said how to break its lock."""
        away = Away()
        with opened(away).lock("ci@build-7", "apply", 0):
            waiting = opened(away)
            waiting._lock._timing = replace(waiting._lock._timing, silent=-1.0)
            with pytest.raises(Locked) as caught:
                waiting.lock("me", "apply", 0).__enter__()
            held = waiting.held()

        assert re.fullmatch(
            r"The workspace is locked by ci@build-7 \(apply\) since 20.*Z; its last sign of life was \d+ s ago\.",
            caught.value.message,
        )
        assert caught.value.remedy.endswith(
            f"make sure that it doesn't run any more, then `chanplan unlock {held.id}`."
        )

    @pytest.mark.parametrize(
        "change, over",
        [
            ({}, False),
            ({"born": 1}, True),
            ({"pid": NOBODY}, True),
            ({"pid": NOBODY, "world": "another machine's boot, or another container"}, False),
            (None, False),
        ],
        ids=["runs", "number-of-a-later-process", "gone", "gone-elsewhere", "said-nothing"],
    )
    def test_a_holder_on_this_machine_that_was_killed_is_known_to_be_over(self, opened, change, over):
        """By its number and its birth, and only where both mean what they say: what runs elsewhere nobody knows."""
        away = Away()
        store = opened(away)
        with opened(away).lock("ci@build-7", "apply", 0):
            stored = store._bucket.get(f"{KEY}.lock")
            note = json.loads(stored.body)
            note["process"] = None if change is None else note["process"] | change
            store._bucket.replace(f"{KEY}.lock", json.dumps(note).encode(), stored.etag)
            with pytest.raises(Locked) as caught:
                store.lock("me", "apply", 0).__enter__()

            assert store.held().over == over
        assert caught.value.message.endswith(", and the process has ended.") == over
        assert caught.value.remedy.endswith(f"won't write again: `chanplan unlock {note['id']}`.") == over

    def test_a_holder_gives_signs_of_life(self, opened):
        """The time in the lock object moves while it's held."""
        store = opened(Away(), timing=Timing(beat=0.01))
        with store.lock("ci", "apply", 0):
            first = store._bucket.get(f"{KEY}.lock").body
            for _ in range(1_000):
                if store._bucket.get(f"{KEY}.lock").body != first:
                    break
            else:
                pytest.fail("no sign of life")

        assert store.held() is None


class TestCompaction:
    def test_the_end_of_a_run_folds_its_journal(self, opened):
        """One object in place of many, with everything in it; readers that had read before go on."""
        away = Away()
        store, reader = opened(away), opened(away)
        with store.lock("ci", "apply", 0):
            store.start_run("acme", run())
            for number in range(writing.WORTH_IT):
                store.edit([PutResource(resource(RECEIPTS, n=number))])
            before = reader.load()

        names = store._bucket.keys(f"{KEY}.journal/", "")
        after = opened(away)
        assert (names, after.load(), reader.load(), list(after.runs(9))) == ([], before, before, [run()])

    def test_a_long_run_folds_its_journal_meanwhile(self, opened, monkeypatch):
        """So that a reader never has more than so many objects to read."""
        monkeypatch.setattr(writing, "LONG", 8)
        away = Away()
        store = opened(away)
        with store.lock("ci", "apply", 0):
            for number in range(30):
                store.edit([PutResource(resource(Address("use_case", f"case-{number}")))])

                assert len(store._bucket.keys(f"{KEY}.journal/", "")) <= 8
        after = opened(away).load()
        assert (len(after.resources), after.serial, after.sequence) == (30, 30, 30)

    def test_a_death_at_any_request_of_folding_costs_nothing(self, gate, opened, monkeypatch):
        """From some request on nothing goes through any more; whoever comes next finds everything."""
        monkeypatch.setattr(writing, "WORTH_IT", 1)
        for last in range(8):
            away = Away()
            store = opened(away, endpoint_url=gate.endpoint)
            gate.seen.clear()
            with store.lock("ci", "apply", 0):
                store.edit([PutResource(SETUP_STATE)])
                store.edit([PutResource(RECEIPTS_STATE)])
                now = len(gate.seen)
                gate.decide = lambda request, last=last, now=now: PASS if request.number < now + last else CUT
            gate.decide = lambda _: PASS

            other = opened(away)
            if held := other.held():
                other.break_lock(held.id)
            with other.lock("me", "apply", 0):
                other.observe([OBSERVATION])
            assert (dict(other.load().resources), other.load().sequence) == (
                {SETUP: SETUP_STATE, RECEIPTS: RECEIPTS_STATE},
                3,
            ), last


def test_a_write_does_not_grow_with_the_state(gate, opened):
    """The same change is one object of the same size, in a state of three resources and of three hundred."""
    sizes = []
    for many in (3, 300):
        away = Away()
        store = opened(away, endpoint_url=gate.endpoint)
        with store.lock("ci", "apply", 0):
            store.edit(
                [PutResource(resource(Address("use_case", f"case-{number}"))) for number in range(many)]
            )
            gate.seen.clear()
            store.edit([PutResource(RECEIPTS_STATE)])
            sizes.append([len(each.body) for each in gate.writes() if ".journal/" in each.path])

    assert sizes[0] == sizes[1]
    assert len(sizes[0]) == 1


def test_processes_take_turns(opened):
    """Under the lock nobody writes in between; a state that all make at the same moment is one state."""
    away = Away()
    programs = [
        start("contend", own_door().endpoint, away.bucket, name, "3") for name in ("one", "two", "three")
    ]
    codes = [program.wait(120) for program in programs]
    for program in programs:
        program.stdout.close()

    snapshot = opened(away).load()
    totals = sorted(each.attributes["total"] for each in snapshot.resources.values())
    assert (codes, totals, snapshot.serial) == ([0, 0, 0], list(range(9)), 9)


class TestRefused:
    @pytest.mark.parametrize("header, named", [("if-none-match", "If-None-Match"), ("if-match", "If-Match")])
    def test_an_endpoint_that_ignores_conditions(self, gate, opened, header, named):
        """Two runs could overwrite each other there, so nothing is written but the test's own object."""
        gate.decide = lambda _: Outcome(ignoring=(header,))
        store = opened(Away(), endpoint_url=gate.endpoint)
        with pytest.raises(StateUnwritable) as caught:
            store.lock("ci", "apply", 0).__enter__()

        assert (caught.value.code, named in caught.value.message) == ("conditions_ignored", True)
        assert {each.path.partition("?")[0][-6:] for each in gate.writes()} == {".check"}

    @pytest.mark.parametrize(
        "status, answer, code, remedy",
        [
            (404, "NoSuchBucket", "no_bucket", "Make it (chanplan never makes buckets)"),
            (403, "AccessDenied", "access_denied", "Allow s3:"),
            (301, "PermanentRedirect", "wrong_region", "Correct `region:`"),
            (400, "AuthorizationHeaderMalformed", "wrong_region", "Correct `region:`"),
            (400, "ExpiredToken", "expired_credentials", "Get new ones"),
            (403, "InvalidAccessKeyId", "invalid_credentials", "Check which ones are in use"),
            (403, "SignatureDoesNotMatch", "invalid_credentials", "Check the secret access key"),
            (400, "KMS.DisabledException", "kms", "Correct `encryption:"),
            (503, "SlowDown", "throttled", "Try again in a minute."),
            (500, "InternalError", "service_error", "Try again."),
        ],
    )
    def test_what_s3_says_no_to(self, gate, opened, status, answer, code, remedy):
        """Reading and writing fail with what to do, naming the state, and without any secret."""
        gate.decide = lambda _: Outcome(refusal=(status, answer))
        away = Away()
        store = opened(away, endpoint_url=gate.endpoint)
        with pytest.raises(StateUnreadable) as reading:
            store.load()
        with pytest.raises(StateUnwritable) as writing_:
            store.edit([PutResource(SETUP_STATE)])

        for caught in (reading.value, writing_.value):
            assert (caught.code, caught.remedy.startswith(remedy)) == (code, True), caught.remedy
            assert f"s3://{away.bucket}/{KEY}" in caught.message
            assert not any(secret in f"{caught}{caught.remedy}" for secret in CREDENTIALS.values())

    def test_no_credentials(self, opened, monkeypatch):
        """Nothing was asked."""
        for name in CREDENTIALS:
            monkeypatch.delenv(name)
        with pytest.raises(StateUnreadable) as caught:
            opened(Away()).load()

        assert caught.value.code == "no_credentials"

    def test_nobody_listens(self, opened):
        """The endpoint is named, without the login in it."""
        with door() as gone:
            pass
        address = gone.endpoint.removeprefix("http://")
        with pytest.raises(StateUnreadable) as caught:
            opened(Away(), endpoint_url=f"http://me:hunter2@{address}").load()

        assert caught.value.code == "endpoint_unreachable"
        assert f"http://{address} can't be reached" in caught.value.message
        assert "hunter2" not in caught.value.message

    def test_a_bucket_without_old_versions_is_warned_of(self, gate, opened, caplog):
        """Once; it works all the same."""
        away = Away()
        gate.decide = lambda request: (
            Outcome(passed_on=False, answer="<VersioningConfiguration/>")
            if "?versioning" in request.path
            else PASS
        )
        store = opened(away, endpoint_url=gate.endpoint)
        with caplog.at_level(logging.WARNING, "chanplan"):
            for number in range(2):
                store.edit([PutResource(resource(RECEIPTS, n=number))])

        assert [each.getMessage() for each in caplog.records] == [
            f"The bucket of the state s3://{away.bucket}/{KEY} keeps no old versions, so that nothing can be put back after"
            " a mistake. Turn on versioning, with a lifecycle rule for old versions."
        ]


class TestOtherObjects:
    @pytest.mark.parametrize(
        "body, code",
        [
            (b"\xff\xfe", "state_unreadable"),
            (b"hello", "state_unreadable"),
            (b'{"version": 4, "serial": 1}', "not_a_state"),
            (b'{"format": 2, "generation": "x"}', "state_version"),
        ],
    )
    def test_what_is_no_state_is_left_alone(self, opened, body, code):
        """Bytes, text, another program's state and that of a newer chanplan: neither read nor written over."""
        store = opened(Away())
        etag = store._bucket.create(KEY, body)
        for use in (store.load, lambda: store.edit([PutResource(SETUP_STATE)])):
            with pytest.raises(StateUnreadable) as caught:
                use()

            assert caught.value.code == code
        assert store._bucket.etag(KEY) == etag

    def test_a_state_that_is_replaced_under_a_run(self, opened):
        """By one of another lineage: the run writes no more."""
        away, other = Away(), Away()
        store, stranger = opened(away), opened(other)
        stranger.edit([PutResource(SETUP_STATE)])
        with stranger.lock("x", "x", 0):
            stranger._writer._close_journal(0)
        store.edit([PutResource(SETUP_STATE)])
        body = stranger._bucket.get(KEY).body
        with store.lock("ci", "apply", 0):
            store._writer._close_journal(0)
        store._bucket.replace(KEY, body, store._bucket.etag(KEY))
        with pytest.raises(StateUnreadable) as caught:
            store.edit([PutResource(RECEIPTS_STATE)])

        assert caught.value.code == "foreign_lineage"

    def test_a_journal_with_a_hole(self, opened):
        """A lifecycle rule deleted an entry: nothing is guessed."""
        store = opened(Away())
        for number in range(3):
            store.edit([PutResource(resource(RECEIPTS, n=number))])
        names = store._bucket.keys(f"{KEY}.journal/", "")
        store._bucket.delete([names[1]])
        store.close()
        with pytest.raises(StateUnreadable) as caught:
            store.load()

        assert (caught.value.code, names[1] in caught.value.message) == ("journal_gap", True)

    def test_reading_makes_nothing(self, gate, opened):
        """A state that isn't there is empty, and stays away."""
        store = opened(Away(), endpoint_url=gate.endpoint)

        assert (store.load(), list(store.runs(3)), gate.writes()) == (Snapshot(), [], [])


def test_what_is_written_is_encrypted_as_configured(gate, opened):
    """Every object that holds anything of the state carries the setting."""
    from chanplan.model.configuration import S3Encryption

    store = opened(Away(), endpoint_url=gate.endpoint, encryption=S3Encryption("aws:kms", "alias/state"))
    with store.lock("ci", "apply", 0):
        store.edit([PutResource(SETUP_STATE)])

    assert {
        (
            each.headers.get("x-amz-server-side-encryption"),
            each.headers.get("x-amz-server-side-encryption-aws-kms-key-id"),
        )
        for each in gate.writes()
    } == {("aws:kms", "alias/state")}


def test_the_endpoint_variable_of_s3_is_heeded(opened, monkeypatch):
    """As the AWS SDK does; `endpoint_url` goes before it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", own_door().endpoint)
    away = Away()
    store = opened(away, endpoint_url=None)
    store.edit([PutResource(SETUP_STATE)])

    assert dict(opened(away).load().resources) == {SETUP: SETUP_STATE}
