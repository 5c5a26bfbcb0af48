"""Progress: what a person, a log or a program hears while the engine works.

One event gives at most one line. All forms may be called from several threads.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, TextIO

from chanplan.model.addresses import Address
from chanplan.model.events import (
    Deepened,
    DeepeningAwaited,
    Event,
    GatePolled,
    IntentRecovered,
    Listener,
    LockAwaited,
    Noted,
    RecordAwaited,
    RefreshProgressed,
    RefreshStarted,
    StepAdvanced,
    StepDone,
    StepFailed,
    StepSkipped,
    StepStarted,
    StepWaits,
)
from chanplan.model.plans import Half, Step
from chanplan.model.problems import Problem
from chanplan.render.escapes import json_on_one_line
from chanplan.render.phrases import counted, seconds_in_words, stamp
from chanplan.render.printable import line

if TYPE_CHECKING:
    from rich.progress import TaskID

STREAM_VERSION = "1.0"
"""Version of the JSON lines: minor versions add keys and types."""

_DOING = {
    Half.CREATE: "creating",
    Half.IMPORT: "importing",
    Half.UPDATE: "updating",
    Half.DELETE: "deleting",
    Half.FORGET: "forgetting",
}
_DONE = {
    Half.CREATE: "created",
    Half.IMPORT: "imported",
    Half.UPDATE: "updated",
    Half.DELETE: "deleted",
    Half.FORGET: "forgotten",
}


@contextmanager
def progress(form: str, stream: TextIO, *, is_terminal: bool, colour: bool = True) -> Iterator[Listener]:
    """Give the listener for a form: `text` (live on a terminal, else plain lines), `jsonl`, or `none`."""
    match form:
        case "none":
            yield _silent
        case "jsonl":
            yield JsonProgress(stream)
        case _ if is_terminal:
            with RichProgress(stream, colour=colour) as live:
                yield live
        case _:
            yield PlainProgress(stream)


class PlainProgress:
    """Writes a line for each event that is worth one. No colour, nothing is redrawn: fit for a log."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._stood: dict[Address, tuple[str, str]] = {}

    def __call__(self, event: Event) -> None:
        """Tell an event."""
        if isinstance(event, RefreshProgressed | StepAdvanced | Deepened):
            # What was checked stands in the outcome, which comes at once.
            return
        with self._lock:
            if isinstance(event, GatePolled) and not self._moved(event):
                return
            self._stream.write(f"{message_of(event)}\n")
            self._stream.flush()

    def _moved(self, event: GatePolled) -> bool:
        """Tell whether a gate stands otherwise than at the last look: hours of waiting shouldn't fill a log."""
        stands = (event.gate.state.value, event.gate.detail)
        moved = self._stood.get(event.gate.on) != stands
        self._stood[event.gate.on] = stands
        return moved


class JsonProgress:
    """Writes each event as a JSON object on a line; the first line tells the versions."""

    def __init__(self, stream: TextIO, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        from chanplan.app.version import version

        self._stream = stream
        self._now = now
        self._lock = threading.Lock()
        self._write({"type": "version", "format_version": STREAM_VERSION, "chanplan_version": version()})

    def __call__(self, event: Event) -> None:
        """Tell an event."""
        self._write({"type": type_of(event), "message": message_of(event), **details_of(event)})

    def _write(self, entry: Mapping[str, object]) -> None:
        with self._lock:
            self._stream.write(json_line(entry, self._now()))
            self._stream.flush()


def json_line(entry: Mapping[str, object], at: datetime) -> str:
    """Write one line of the stream, in ASCII; ends with a line break."""
    return json_on_one_line({"at": stamp(at), **entry}) + "\n"


class RichProgress:
    """Shows on a terminal what is in flight, and writes a line above for what is over."""

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._lock = threading.Lock()
        self._tasks: dict[Step | str, TaskID] = {}
        self._live = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=Console(
                file=stream,
                force_terminal=True,
                no_color=not colour,
                highlight=False,
                markup=False,
                emoji=False,
            ),
            transient=True,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Tell an event."""
        with self._lock:
            match event:
                case RefreshStarted() | RefreshProgressed():
                    self._refresh(event)
                case StepStarted(step=step):
                    self._end("refresh")
                    self._end("gates")
                    self._tasks[step] = self._live.add_task(message_of(event), total=None)
                case StepAdvanced(step=step):
                    if step in self._tasks:
                        self._live.update(self._tasks[step], description=message_of(event))
                case GatePolled():
                    self._show("gates", message_of(event))
                case DeepeningAwaited():
                    self._end("gates")
                    self._show("deepening", message_of(event))
                case Deepened():
                    self._end("deepening")
                case StepDone(step=step) | StepFailed(step=step):
                    self._end(step)
                    self._print(event)
                case _:
                    self._print(event)

    def _refresh(self, event: RefreshStarted | RefreshProgressed) -> None:
        self._show("refresh", message_of(event))
        if isinstance(event, RefreshProgressed) and event.done >= event.total:
            self._end("refresh")

    def _show(self, key: str, text: str) -> None:
        if key in self._tasks:
            self._live.update(self._tasks[key], description=text)
        else:
            self._tasks[key] = self._live.add_task(text, total=None)

    def _end(self, key: Step | str) -> None:
        task = self._tasks.pop(key, None)
        if task is not None:
            self._live.remove_task(task)

    def _print(self, event: Event) -> None:
        styles = {StepDone: "green", StepFailed: "bold red", StepWaits: "yellow", Noted: "yellow"}
        self._live.console.print(message_of(event), style=styles.get(type(event)), soft_wrap=True)


def message_of(event: Event) -> str:
    """Write an event as a sentence on one line, safe to print."""
    match event:
        case LockAwaited(holding=holding, seconds=seconds):
            return (
                f"Waiting up to {seconds_in_words(seconds)} for the workspace's lock, held by {line(str(holding))};"
                " Ctrl-C ends it"
            )
        case RefreshStarted(resources=resources):
            return f"Reading {counted(resources, 'resource')} from the services"
        case RefreshProgressed(done=done, total=total):
            return f"Reading from the services: {done:,} of {total:,} calls"
        case IntentRecovered(address=address, outcome=outcome):
            return f"{address}: settled what an earlier run began: {line(outcome)}"
        case StepStarted(step=step):
            return f"{step.address}: {_DOING[step.half]}"
        case StepAdvanced(step=step, what=what):
            return f"{step.address}: {_DOING[step.half]}, {line(what)}"
        case StepDone(step=step, seconds=seconds):
            return f"{step.address}: {_DONE[step.half]} after {seconds_in_words(seconds)}"
        case StepFailed(step=step, problem=problem):
            return f"{step.address}: {_DOING[step.half]} failed: {_sentence(problem)}"
        case StepSkipped(step=step, reason=reason):
            return f"{step.address}: not started: {line(reason)}"
        case StepWaits(step=step, gate=gate):
            return f"{step.address}: waits for {gate.kind} of {gate.on} ({gate.state})"
        case GatePolled(gate=gate, next_in=next_in):
            again = f"; next look in {seconds_in_words(next_in)}" if next_in > 0 else ""
            detail = f": {line(gate.detail)}" if gate.detail else ""
            return f"{gate.on}: {gate.kind} is {gate.state}{detail}{again}"
        case RecordAwaited(on=on, record=record):
            return f"{on}: to be published: {record.type} {line(record.name)} = {line(record.value)}"
        case DeepeningAwaited(seconds=seconds):
            return f"Checking the oldest facts, for at most {seconds_in_words(seconds)}; Ctrl-C ends it"
        case Deepened():
            from chanplan.render.outcome import deepened_text

            return deepened_text(event)
        case Noted(problem=problem):
            where = f"{problem.address}: " if problem.address is not None else ""
            return f"{where}{problem.severity}: {_sentence(problem)}"


def type_of(event: Event) -> str:
    """Give an event's name in JSON lines: its class, in snake case."""
    name = type(event).__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def details_of(event: Event) -> dict[str, object]:
    """Give what an event says, for programs."""
    match event:
        case LockAwaited(holding=holding, seconds=seconds):
            return {
                "seconds": seconds,
                "lock": {
                    "id": holding.id,
                    "holder": holding.holder,
                    "reason": holding.reason,
                    "started": stamp(holding.started),
                },
            }
        case RefreshStarted(resources=resources):
            return {"resources": resources}
        case RefreshProgressed(done=done, total=total):
            return {"done": done, "total": total}
        case IntentRecovered(address=address, outcome=outcome):
            return {"address": str(address), "outcome": outcome}
        case StepStarted(step=step):
            return _step(step)
        case StepAdvanced(step=step, what=what):
            return {**_step(step), "what": what}
        case StepDone(step=step, seconds=seconds, resource_id=resource_id):
            return {**_step(step), "seconds": round(seconds, 3), "id": resource_id}
        case StepFailed(step=step, problem=problem):
            return {**_step(step), **_problem(problem)}
        case StepSkipped(step=step, reason=reason):
            return {**_step(step), "reason": reason}
        case StepWaits(step=step, gate=gate):
            from chanplan.render.plan_document import gate_document

            return {**_step(step), "gate": gate_document(gate)}
        case GatePolled(gate=gate, next_in=next_in):
            from chanplan.render.plan_document import gate_document

            return {"gate": gate_document(gate), "next_in": round(next_in, 3)}
        case RecordAwaited(on=on, record=record):
            return {
                "address": str(on),
                "record": {"type": record.type.value, "name": record.name, "value": record.value},
            }
        case DeepeningAwaited(seconds=seconds):
            return {"seconds": seconds}
        case Deepened():
            return {
                "checked": event.checked,
                "differing": [str(address) for address in event.differing],
                "calls": event.calls,
                "never": event.never,
                "oldest": stamp(event.oldest),
            }
        case Noted(problem=problem):
            about = None if problem.address is None else str(problem.address)
            return {"address": about, "severity": problem.severity.value, **_problem(problem)}


def _step(step: Step) -> dict[str, object]:
    return {"address": str(step.address), "half": step.half.value}


def _problem(problem: Problem) -> dict[str, object]:
    return {"code": problem.code, "problem": problem.message, "remedy": problem.remedy}


def _sentence(problem: Problem) -> str:
    remedy = problem.remedy.replace("\n", " ")
    return line(f"{problem.message} {remedy}".strip())


def _silent(_event: Event) -> None:
    """Hear nothing."""
