"""Asking several things at once, none of which may keep the others, or whoever waits for them, for long."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from chanplan.execution.stopping import Stop
from chanplan.model.errors import ChanplanError, Interrupted

T = TypeVar("T")

GRACE_SECONDS = 1.0
"""How long those that are late may take to notice that they were told to stop."""
_SLICE_SECONDS = 0.1


def side_by_side(
    questions: Mapping[str, Callable[[], T]], seconds: float, stop: Stop
) -> Mapping[str, T | ChanplanError]:
    """Give the answer to each question, by its name: what it returned, or the `ChanplanError` that it raised. Those that
    took longer than `seconds` are left out, and told to stop.

    Any other error is raised here, and `Interrupted` once somebody asked to stop.
    """
    answers: dict[str, T | ChanplanError] = {}
    mistakes: list[BaseException] = []

    def ask(name: str, question: Callable[[], T]) -> None:
        try:
            answers[name] = question()
        except Interrupted:
            return
        except ChanplanError as error:
            answers[name] = error
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            mistakes.append(error)

    # Daemons: a name look-up that hangs in the system's library can't be told to stop.
    threads = [
        threading.Thread(target=ask, args=each, name=f"ask-{each[0]}", daemon=True)
        for each in questions.items()
    ]
    for thread in threads:
        thread.start()
    _join(threads, seconds, lambda: stop.asked)
    stop.check()
    in_time = dict(answers)
    if any(thread.is_alive() for thread in threads):
        stop.ask()
        _join(threads, GRACE_SECONDS, lambda: False)
    if mistakes:
        raise mistakes[0]
    return in_time


def _join(threads: Sequence[threading.Thread], seconds: float, over: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    for thread in threads:
        while thread.is_alive() and (left := until - time.monotonic()) > 0 and not over():
            thread.join(min(left, _SLICE_SECONDS))
