"""Saved plans: documents from outside, checked before anything is believed."""

from dataclasses import dataclass
from pathlib import Path

from chanplan.model.errors import Misused
from chanplan.model.plans import Plan
from chanplan.model.requests import Request
from chanplan.planning.digest import digest_of, fingerprints_of
from chanplan.render.plan_reading import Seal, plan_from_bytes


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan that was saved and is whole."""

    plan: Plan
    fingerprints: frozenset[str]
    request: Request
    """What it was asked with, as far as that decides what is done."""


def read_plan_file(path: Path) -> SavedPlan:
    """Read a saved plan.

    Raises:
        Misused: the file can't be read.
        Invalid: it isn't a plan, or is of another major version, or was edited.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Misused(
            f"{path} can't be read: {error.strerror}.", remedy="Make one with `chanplan plan --out FILE`."
        ) from error
    plan = plan_from_bytes(content, str(path), Seal(fingerprints_of, digest_of))
    fingerprints = frozenset(mark for change in plan.effective for mark in change.fingerprints)
    return SavedPlan(plan, fingerprints, Request(destroy=plan.destroy))
