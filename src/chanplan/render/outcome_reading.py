"""What an apply told, read back from its JSON lines. The file was in somebody's hands: nothing of it is believed unchecked.

The lines are those of `apply --format jsonl` (docs/apply-stream.md). A run that was killed tells no outcome; what it
had done stands in the lines before.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chanplan.model.errors import Misused
from chanplan.render.printable import line, lines

STREAM_MAJOR = "1"
UNFINISHED = "unfinished"
"""The result of a run whose last line is missing."""


@dataclass(frozen=True, slots=True)
class ToldProblem:
    """Something that failed or was refused. Texts are safe to print, a line each."""

    subject: str
    code: str
    message: tuple[str, ...]
    remedy: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldGate:
    """Something that is waited for."""

    kind: str
    on: str
    state: str
    detail: tuple[str, ...]
    todo: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ToldOutcome:
    """How an apply ended. `done` are addresses with what was done to them, in the order in which it was."""

    result: str
    message: str
    approved: str
    """The digest that was approved before the run; empty without one."""
    progress: tuple[int, int] | None
    """How many steps of those that were approved are done by now, and how many there are, where the state knows."""
    done: tuple[tuple[str, str], ...]
    gates: tuple[ToldGate, ...]
    problems: tuple[ToldProblem, ...]
    refusals: tuple[ToldProblem, ...]


def outcome_from_lines(content: bytes, name: str) -> ToldOutcome:
    """Read the lines of one run. `name` is the file's, for messages.

    Raises:
        Misused: these aren't such lines (`outcome_unreadable`), or those of another major version (`outcome_format`).
    """
    entries = _entries(content, name)
    if not entries or entries[0].get("type") != "version":
        raise _unreadable(name, "doesn't begin with a line of type `version`")
    version = entries[0].get("format_version")
    if not isinstance(version, str) or version.partition(".")[0] != STREAM_MAJOR:
        raise Misused(
            f"{name} isn't of version {STREAM_MAJOR} of the lines.",
            remedy="Use the chanplan that wrote it.",
            code="outcome_format",
        )
    try:
        done = tuple(
            (_text(entry, "address"), _text(entry, "half"))
            for entry in entries
            if entry.get("type") == "step_done"
        )
        last = entries[-1]
        if last.get("type") != "outcome":
            return ToldOutcome(UNFINISHED, "", "", None, done, (), (), ())
        return ToldOutcome(
            result=_text(last, "result"),
            message=_text(last, "message"),
            approved=_text(_approval(last), "digest"),
            progress=_progress(_approval(last)),
            done=done,
            gates=tuple(map(_gate, _list(last, "gates"))),
            problems=tuple(map(_problem, _list(last, "problems"))),
            refusals=tuple(map(_problem, _list(last, "refusals"))),
        )
    except _Strange as error:
        raise _unreadable(name, f"has {error}") from error


class _Strange(ValueError):
    """A key hasn't what belongs there."""


def _unreadable(name: str, what: str) -> Misused:
    return Misused(
        f"{name} {what}, so it isn't what an apply told.",
        remedy="Write it with: chanplan apply … --format jsonl > outcome.jsonl",
        code="outcome_unreadable",
    )


def _entries(content: bytes, name: str) -> list[Mapping[str, object]]:
    entries: list[Mapping[str, object]] = []
    written = content.splitlines()
    for number, text in enumerate(written, start=1):
        try:
            entry = json.loads(text)
        except (ValueError, RecursionError) as error:
            if number == len(written) and not content.endswith(b"\n") and entries:
                # The run was killed within this line.
                break
            raise _unreadable(name, f"has something else than JSON on line {number}") from error
        if not isinstance(entry, dict):
            raise _unreadable(name, f"has something else than an object on line {number}")
        entries.append(entry)
    return entries


def _gate(entry: Mapping[str, object]) -> ToldGate:
    todo = entry.get("todo")
    if not isinstance(todo, list) or not all(isinstance(step, str) for step in todo):
        raise _Strange("a `todo` that isn't a list of texts")
    return ToldGate(
        _text(entry, "kind"),
        _text(entry, "on"),
        _text(entry, "state"),
        _lines(entry, "detail"),
        tuple(lines(step) for step in todo),
    )


def _problem(entry: Mapping[str, object]) -> ToldProblem:
    return ToldProblem(
        _text(entry, "address"), _text(entry, "code"), _lines(entry, "problem"), _lines(entry, "remedy")
    )


def _approval(entry: Mapping[str, object]) -> Mapping[str, object]:
    found = entry.get("approval")
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise _Strange("an `approval` that isn't an object")
    return found


def _progress(approval: Mapping[str, object]) -> tuple[int, int] | None:
    done, steps = approval.get("done"), approval.get("steps")
    if done is None or steps is None:
        return None
    if not isinstance(done, int) or not isinstance(steps, int) or not 0 <= done <= steps < 2**31:
        raise _Strange("an `approval` whose steps aren't numbers that fit")
    return done, steps


def _list(entry: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    found = entry.get(key)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise _Strange(f"a `{key}` that isn't a list of objects")
    return found


def _text(entry: Mapping[str, object], key: str) -> str:
    return line(_raw(entry, key))


def _lines(entry: Mapping[str, object], key: str) -> tuple[str, ...]:
    return lines(_raw(entry, key))


def _raw(entry: Mapping[str, object], key: str) -> str:
    found = entry.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise _Strange(f"a `{key}` that isn't a text")
    return found
