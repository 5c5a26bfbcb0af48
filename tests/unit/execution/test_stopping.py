"""Stopping: the first signal lets work end, the second doesn't."""

import os
import signal
import subprocess
import sys
import textwrap
import threading

from chanplan.execution.stopping import EXIT_INTERRUPTED, Stop, stop_on_signals
from chanplan.model.plans import Half, Step
from chanplan.providers.memory.faults import Hold
from tests.unit.execution.scene import Scene, at, declare, pool, setup, steps


def test_what_is_in_flight_is_finished_and_recorded_and_nothing_more_is_started():
    """A stop in the middle of a step leaves a whole resource, and the rest for the next run."""
    scene = Scene(parallelism=1)
    hold = Hold()
    scene.world.fault(hold, operation="put_mail_from")
    configuration = declare(setup("one"), setup("two"), setup("three"))

    def interrupt() -> None:
        hold.reached.wait()
        scene.stop.ask()
        hold.release()

    threading.Thread(target=interrupt).start()
    plan = scene.plan(configuration)
    result = scene.execute(plan)

    assert (len(result.done), len(result.skipped), result.word) == (1, 2, "interrupted")
    assert {skipped.reason for skipped in result.skipped} == {"A stop was asked for."}
    assert [resource.complete for resource in scene.resources.values()] == [True]
    assert scene.store.load().intents == ()


def test_a_stop_after_the_last_step_interrupts_nothing():
    """Done is done."""
    scene = Scene(parallelism=1)
    plan = scene.plan(declare(pool()))
    scene.listener = lambda _event: scene.stop.ask()

    result = scene.execute(plan)

    assert (steps(result.done), result.interrupted) == (["create sending_pool.txn"], False)


def test_a_stop_before_the_start_starts_nothing():
    """Not a call is made."""
    scene = Scene()
    plan = scene.plan(declare(pool()))
    calls = len(scene.world.calls)
    scene.stop.ask()

    result = scene.execute(plan)

    assert [skipped.step for skipped in result.skipped] == [Step(at("sending_pool.txn"), Half.CREATE)]
    assert (len(scene.world.calls), result.word) == (calls, "interrupted")


def test_the_first_signal_asks_and_the_second_leaves():
    """Either of SIGINT and SIGTERM counts, and the handlers from before come back."""
    stop, left = Stop(), threading.Event()
    asked = threading.Event()
    before = signal.getsignal(signal.SIGTERM)

    with stop_on_signals(stop, leave=left.set), stop.heard_by(asked.set):
        os.kill(os.getpid(), signal.SIGTERM)
        assert asked.wait(5)
        first = (stop.asked, left.is_set())
        os.kill(os.getpid(), signal.SIGINT)
        assert left.wait(5)

    assert first == (True, False)
    assert signal.getsignal(signal.SIGTERM) == before


def test_the_second_signal_ends_a_process_that_hangs():
    """Whatever a thread is stuck in, the process exits with 130."""
    program = textwrap.dedent(
        """
        import sys, threading
        from chanplan.execution.stopping import Stop, stop_on_signals
        stop = Stop()
        stuck = threading.Thread(target=threading.Event().wait)
        stuck.start()
        with stop_on_signals(stop), stop.heard_by(lambda: print("stopping", flush=True)):
            print("ready", flush=True)
            stuck.join()
        """
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip()]
        process.send_signal(signal.SIGINT)
        said.append(process.stdout.readline().strip())
        process.send_signal(signal.SIGTERM)
        code = process.wait(10)

    assert (said, code) == (["ready", "stopping"], EXIT_INTERRUPTED)
