"""A saved plan, read back. What stands in the file was in somebody's hands: nothing of it is believed unchecked."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from chanplan.model.errors import Invalid, Misused, Refused
from chanplan.model.plans import Action, Change, Difference, Drift, Plan, Summary
from chanplan.model.problems import Problem, Source
from chanplan.render.plan_decoding import plan_of
from chanplan.render.plan_document import FORMAT_MAJOR, FORMAT_MINOR
from chanplan.render.plan_schema import plan_schema
from chanplan.render.plan_values import Document, Unusable

DEEPEST = 64
"""Nothing that chanplan writes is nested nearly as deep."""
LARGEST = 2**63
"""Larger numbers stand in no plan, and some JSON libraries can't keep them."""
MOST_PROBLEMS = 10

_REMEDY = "Make the plan again: chanplan plan --out FILE"


@dataclass(frozen=True, slots=True)
class Seal:
    """How fingerprints and digest are computed; the planner's own functions."""

    fingerprints_of: Callable[[Change], tuple[str, ...]]
    fingerprint_of: Callable[[Drift], str]
    """Of drift that a plan takes into the state."""
    digest_of: Callable[[Iterable[str]], str]
    differences_of: Callable[[Change], tuple[Difference, ...] | None]


def plan_from_bytes(content: bytes, name: str, seal: Seal) -> Plan:
    """Read a saved plan. `name` is the file's, for messages. Errors are those of `plan_from_document`."""
    try:
        document = json.loads(content, object_pairs_hook=_unambiguous)
    except (ValueError, RecursionError) as error:
        what = "is empty" if not content.strip() else "isn't JSON"
        if isinstance(error, _Ambiguous):
            what = "holds a key twice"
        if isinstance(error, json.JSONDecodeError) and content.strip():
            what += f" (line {error.lineno}, column {error.colno})"
        raise _invalid(name, f"{name} {what}, so it isn't a saved plan.") from error
    return plan_from_document(document, name, seal)


def plan_from_document(document: object, name: str, seal: Seal) -> Plan:
    """Make the plan that a document describes; `desired` and `prior` of its changes are None.

    Keys that a newer minor version added are left aside. Raises `Invalid` for what isn't a plan, `Misused` for
    another major version (`plan_format`), and `Refused` (`plan_edited`) when the changes aren't those that the
    digest stands for, or when a flag or a count doesn't follow from them.
    """
    if not isinstance(document, Mapping) or "format_version" not in document:
        raise _invalid(name, f"{name} isn't a saved plan: it has no format_version.")
    minor = _minor_version(document["format_version"], name)
    _check_sanity(document, name)
    try:
        plan = plan_of(document)
    except Unusable as error:
        _list_breaches(document, name, minor)
        raise _invalid(name, f"{name} isn't a plan that this version can use: {error}.", minor) from error
    _check_seal(plan, document, name, seal)
    return plan


class _Ambiguous(ValueError):
    """A mapping holds a key twice."""


def _unambiguous(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Make a mapping of its pairs. Of two equal keys, some programs believe the first and others the last."""
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise _Ambiguous
    return mapping


def _invalid(name: str, message: str, minor: int = 0) -> Invalid:
    return Invalid((_problem(name, message, minor),))


def _problem(name: str, message: str, minor: int = 0) -> Problem:
    remedy = _REMEDY
    if minor > FORMAT_MINOR:
        remedy = f"A newer chanplan made it: use that version, or {_REMEDY[0].lower()}{_REMEDY[1:]}"
    return Problem("plan_invalid", message, remedy, source=Source(name, 1))


def _minor_version(version: object, name: str) -> int:
    match = re.fullmatch(r"(0|[1-9][0-9]{0,5})\.([0-9]{1,6})", version) if isinstance(version, str) else None
    if match is None:
        raise _invalid(name, f"{name} isn't a saved plan: its format_version isn't MAJOR.MINOR.")
    if int(match[1]) != FORMAT_MAJOR:
        raise Misused(
            f"{name} has format version {match[0]}, and this chanplan reads version {FORMAT_MAJOR}.x only.",
            remedy=f"Use the chanplan that made it, or {_REMEDY[0].lower()}{_REMEDY[1:]}",
            code="plan_format",
        )
    return int(match[2])


def _check_sanity(document: object, name: str) -> None:
    """Refuse what Python's reader lets pass and others can't write: infinities, giants, abysses."""
    level: list[object] = [document]
    for _ in range(DEEPEST):
        below: list[object] = []
        for value in level:
            if isinstance(value, Mapping):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, int | float) and not -LARGEST < value < LARGEST:
                raise _invalid(name, f"{name} isn't a saved plan: it holds a number out of range.")
        level = below
        if not level:
            return
    raise _invalid(name, f"{name} isn't a saved plan: it is nested too deep.")


def _list_breaches(document: Document, name: str, minor: int) -> None:
    """Raise `Invalid` with the places at which a document isn't as the schema says, if there are any."""
    from jsonschema import Draft202012Validator

    problems = []
    for error in Draft202012Validator(plan_schema()).iter_errors(document):
        where = error.json_path
        rule = f"{error.validator} {json.dumps(error.validator_value)[:80]}"
        problems.append(_problem(name, f"{name} isn't a saved plan: {where} breaks the rule {rule}.", minor))
        if len(problems) == MOST_PROBLEMS:
            break
    if problems:
        raise Invalid(tuple(problems))


def _check_seal(plan: Plan, document: Document, name: str, seal: Seal) -> None:
    followed = (
        plan.digest == seal.digest_of(_fingerprints(plan))
        and all(drift.fingerprint in ("", seal.fingerprint_of(drift)) for drift in plan.drift)
        and not (plan.refresh_only and plan.changes)
        and all(change.fingerprints == seal.fingerprints_of(change) for change in plan.changes)
        and all(change.differences == seal.differences_of(change) for change in plan.changes)
        and plan.summary == _summed(plan.changes)
        and (plan.applyable, plan.complete, plan.errored)
        == (document["applyable"], document["complete"], document["errored"])
    )
    if not followed:
        raise Refused(
            f"{name} was edited after the plan was made: its changes aren't those that its digest stands for.",
            remedy=f"Change the configuration instead, and {_REMEDY[0].lower()}{_REMEDY[1:]}",
            code="plan_edited",
        )


def _fingerprints(plan: Plan) -> Iterable[str]:
    yield from (text for change in plan.changes for text in change.fingerprints)
    yield from (drift.fingerprint for drift in plan.drift if drift.fingerprint)


def _summed(changes: Sequence[Change]) -> Summary:
    def count(*actions: Action) -> int:
        return sum(change.action in actions and not change.only_imports for change in changes)

    return Summary(
        create=count(Action.CREATE),
        update=count(Action.UPDATE),
        replace=count(Action.REPLACE, Action.REPLACE_CREATE_FIRST),
        delete=count(Action.DELETE),
        forget=count(Action.FORGET),
        no_op=count(Action.NO_OP),
        waiting=sum(change.waits for change in changes),
        imported=sum(change.importing is not None for change in changes),
    )
