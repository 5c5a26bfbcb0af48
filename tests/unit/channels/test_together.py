"""Many requests at once, in one process and in several, over one state; repeated requests; and a state that others change."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chanplan.app.channels.remembering import RememberingStore
from chanplan.model.channel_errors import Unacceptable, Unprepared
from chanplan.model.channels import NewSesSetup, UseCaseFilter
from chanplan.model.errors import Locked, StateUnwritable
from chanplan.providers.memory.faults import Hold
from chanplan.stores.memory import MemoryStore
from chanplan.stores.sqlite.store import SqliteStore
from tests.unit.channels.counter import DELETE, Counter, call, receipts, told

ACME = NewSesSetup("acme", "mail.acme.example")


@pytest.fixture
def counter(tmp_path):
    """A workspace without anything in it, in a file."""
    counter = Counter(store=SqliteStore(tmp_path / "state.db"), folder=tmp_path)
    yield counter
    counter.store.close()


class TestAtOnce:
    @pytest.mark.parametrize("windows", [1, 2])
    def test_of_many_that_ask_for_one_tenant_one_gets_it(self, counter, windows):
        """In one process and in several; the others are told that it exists."""
        opened = [counter.open() for _ in range(windows)]
        with ThreadPoolExecutor(8) as callers:
            answers = list(
                callers.map(
                    lambda n: told(lambda: opened[n % windows].create_ses_setup(ACME, call(timeout=30))),
                    range(8),
                )
            )

        assert sorted(answer for answer in answers if isinstance(answer, str)) == ["tenant_exists"] * 7
        assert len(counter.resources) == 1
        assert counter.writes().count("create_tenant") == 1

    def test_of_many_with_one_key_all_get_the_same(self, counter):
        """The first answer, once it is there."""
        window = counter.open()
        with ThreadPoolExecutor(8) as callers:
            answers = list(
                callers.map(lambda _: window.create_ses_setup(ACME, call(key="k", timeout=30)), range(8))
            )

        assert len({answer.id for answer in answers}) == 1
        assert counter.writes().count("create_tenant") == 1

    def test_who_waits_too_long_is_told_whose_turn_it_is(self, counter):
        """Nothing is begun for them, and lists go on meanwhile."""
        window = counter.open()
        hold = Hold()
        counter.world.fault(hold, operation="create_tenant")
        slow = threading.Thread(target=lambda: window.create_ses_setup(ACME, call()))
        slow.start()
        hold.reached.wait()
        try:
            with pytest.raises(Locked, match="key one"):
                window.create_ses_setup(NewSesSetup("other", "other.example"), call(timeout=0.05))
            assert window.list_ses_setups() == []
        finally:
            hold.release()
            slow.join()
        assert [item.tenant_name for item in window.list_ses_setups()] == ["acme"]

    def test_who_meets_the_lock_of_a_run_is_told_who_holds_it(self, counter):
        """An apply, or another process."""
        window = counter.open()
        with counter.store.lock("ci@build-7", "chanplan apply", 0), pytest.raises(Locked, match="ci@build-7"):
            window.create_ses_setup(ACME, call(timeout=0.05))
        assert window.create_ses_setup(ACME, call()).tenant_name == "acme"

    def test_turns_come_in_order(self, counter):
        """Nobody is overtaken by who came later."""
        window = counter.open()
        hold = Hold()
        counter.world.fault(hold, operation="create_tenant")
        threads = []
        for number in range(5):
            new = NewSesSetup(f"t{number}", f"t{number}.example")
            threads.append(threading.Thread(target=window.create_ses_setup, args=(new, call(timeout=30))))
            threads[-1].start()
            if number == 0:
                hold.reached.wait()
            while len(window._queue._waiting) <= number:
                pass
        hold.release()
        for thread in threads:
            thread.join()

        assert [run.command for run in counter.store.runs(5)] == ["api POST /v1/ses-setup"] * 5
        made = sorted(counter.resources.values(), key=lambda each: str(each.updated_at))
        assert {each.attributes["tenant_name"] for each in made} == {f"t{number}" for number in range(5)}

    def test_closing_finishes_what_runs(self, counter):
        """And what waits for its turn."""
        window = counter.open()
        with ThreadPoolExecutor(3) as callers:
            asked = [
                callers.submit(
                    window.create_ses_setup, NewSesSetup(f"t{n}", f"t{n}.example"), call(timeout=30)
                )
                for n in range(3)
            ]
            window.close()
            assert all(each.result().id for each in asked)


class TestKeys:
    def test_a_key_means_one_request(self, counter):
        """Another body, or another path, under it is refused."""
        window = counter.open()
        made = window.create_ses_setup(ACME, call(key="k"))
        counter.publish(ACME.domain_identity, counter.at(made.id).address)

        with pytest.raises(Unacceptable) as raised:
            window.create_ses_setup(NewSesSetup("other", "other.example"), call(key="k", body="another"))
        assert raised.value.code == "idempotency_key_reused"
        with pytest.raises(Unacceptable):
            window.create_use_case(receipts(made.id), call(key="k"))

    def test_the_first_answer_is_given_even_when_the_thing_is_gone(self, counter):
        """It is an answer, not a look."""
        window = counter.open()
        made = window.create_ses_setup(ACME, call(key="k"))
        window.delete_ses_setup(made.id, DELETE)

        assert counter.open().create_ses_setup(ACME, call(key="k")) == made
        assert counter.resources == {}

    def test_use_cases_are_answered_so_too(self, counter):
        """Of every channel."""
        setup = counter.verified()
        window = counter.open()
        made = window.create_use_case(receipts(setup.id), call(key="mail"))

        assert counter.open().create_use_case(receipts(setup.id), call(key="mail")) == made

    def test_a_request_that_was_refused_leaves_no_answer(self, counter):
        """Repeated under its key, it is judged anew."""
        window = counter.open()
        made = window.create_ses_setup(ACME, call())
        assert told(lambda: window.create_use_case(receipts(made.id), call(key="k"))) == "dns_not_verified"
        counter.publish(ACME.domain_identity, counter.at(made.id).address)

        assert window.create_use_case(receipts(made.id), call(key="k")).tier == "onboarding"

    def test_answers_are_kept_for_a_day(self, counter):
        """Then the key is as new, and its record goes."""
        window = counter.open()
        window.create_ses_setup(ACME, call(key="k"))
        counter.clock.sleep(timedelta(hours=23, minutes=59).total_seconds())
        window.create_ses_setup(ACME, call(key="k"))
        counter.clock.sleep(120)

        assert told(lambda: window.create_ses_setup(ACME, call(key="k"))) == "tenant_exists"
        window.create_ses_setup(NewSesSetup("other", "other.example"), call(key="other"))
        assert len(counter.store.kept("api-answer")) == 1


class TestTheStateOfOthers:
    def test_what_others_write_is_read_before_the_next_answer(self, counter):
        """Commands, other processes, a restored state."""
        window, commands = counter.open(), counter.store
        made = window.create_ses_setup(ACME, call())
        before = commands.load()
        window.create_ses_setup(NewSesSetup("other", "other.example"), call())
        assert len(window.list_ses_setups()) == 2

        commands.restore(before)

        assert [item.id for item in window.list_ses_setups()] == [made.id]

    def test_a_write_whose_answer_was_lost_is_read_again(self):
        """Whether it was written, only the store knows."""

        class Forgetful(MemoryStore):
            def observe(self, observations):
                super().observe(observations)
                raise StateUnwritable("The answer was lost.")

        counter = Counter(store=Forgetful())
        window = counter.open()
        made = window.create_ses_setup(ACME, call())
        with pytest.raises(StateUnwritable):
            window.get_ses_setup(made.id)

        assert window.list_ses_setups()[0].dns_checked_at == counter.clock.now()

    def test_reading_much_and_writing_little_loads_little(self, counter):
        """The whole state is read once, and after each write of somebody else."""

        class Counted(MemoryStore):
            loads = 0

            def reload(self, memo):
                self.loads += 1
                return super().reload(memo)

        counter.store.close()
        counted = Counted()
        counter.store = counted
        window, other = counter.open(), RememberingStore(counted)
        for number in range(5):
            made = window.create_ses_setup(NewSesSetup(f"t{number}", f"t{number}.example"), call())
            window.get_ses_setup(made.id)
            window.list_ses_setups()
        window.delete_ses_setup(made.id, DELETE)
        # The first write gives the lineage, which only the store knows.
        assert counted.loads <= 3

        other.observe([next(iter(counted._snapshot.observations.values()))])
        before = counted.loads
        assert len(window.list_ses_setups()) == 4
        window.list_use_cases(UseCaseFilter())
        assert counted.loads == before + 1


class TestStopping:
    def test_nothing_is_begun_once_a_stop_was_asked_for(self, counter):
        """Whoever waits is told so."""
        window = counter.open()
        counter.stop.ask()

        with pytest.raises(Unprepared) as raised:
            window.create_ses_setup(replace(ACME), call(timeout=1))

        assert raised.value.code == "stopping"
        assert counter.writes() == []
