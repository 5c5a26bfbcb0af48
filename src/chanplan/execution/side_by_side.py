"""Asking several things at once, none of which may keep the others, or whoever waits for them, for long."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from chanplan.execution.stopping import Stop
from chanplan.model.errors import ChanplanError, Interrupted

T = TypeVar("T")

GRACE_SECONDS = 1.0
"""How long those that are late may take to notice that they were told to stop."""


def side_by_side(
    questions: Mapping[str, Callable[[], T]], seconds: float, stop: Stop
) -> Mapping[str, T | ChanplanError]:
    """Give the answer to each question, by its name: what it returned, or the `ChanplanError` that it raised. Those that
    took longer than `seconds` are left out, and told to stop.

    Any other error is raised here.
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
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    in_time = dict(answers)
    if any(thread.is_alive() for thread in threads):
        stop.ask()
        until = time.monotonic() + GRACE_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
    if mistakes:
        raise mistakes[0]
    return in_time
