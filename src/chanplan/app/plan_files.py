"""Saved plans: documents from outside, checked before anything is believed."""

from dataclasses import dataclass
from pathlib import Path

from chanplan.app.workspace import Workspace
from chanplan.model.errors import Misused, Refused
from chanplan.model.plans import Plan
from chanplan.model.requests import Request
from chanplan.planning.diff import differences_of
from chanplan.planning.digest import digest_of, fingerprint_of, fingerprints_of
from chanplan.render.plan_reading import Seal, plan_from_bytes

LARGEST = 1024**3
"""Bytes of a plan file that are read."""
BY_PLAN_FILE = "plan file"
"""Who approved what a saved plan holds."""


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
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise Misused(
            f"{path} can't be read: {error.strerror}.", remedy="Make one with `chanplan plan --out FILE`."
        ) from error
    if len(content) > LARGEST:
        raise Misused(
            f"{path} has more than {LARGEST:,} bytes, so it isn't a saved plan.",
            remedy="Make one with `chanplan plan --out FILE`.",
        )
    plan = plan_from_bytes(
        content, str(path), Seal(fingerprints_of, fingerprint_of, digest_of, differences_of)
    )
    # A plan of a part stays one: what else is declared by now is none of its business.
    planned = (*(change.address for change in plan.changes), *(drift.address for drift in plan.drift))
    targets = planned if plan.targeted else ()
    losses = frozenset(
        (mark, loss.code)
        for change in plan.effective
        for mark in change.fingerprints
        for loss in change.losses
    )
    request = Request(
        destroy=plan.destroy,
        refresh_only=plan.refresh_only,
        targets=targets,
        approved_losses=losses,
        approved_by=BY_PLAN_FILE,
    )
    return SavedPlan(plan, plan.fingerprints, request)


def check_fits(plan: Plan, workspace: Workspace) -> None:
    """Raise `Refused` when a saved plan was made for another workspace or another state."""
    remedy = "Run it where it was made, or make a plan here: chanplan plan --out FILE"
    if plan.workspace != workspace.configuration.workspace:
        raise Refused(
            f"The plan is for workspace {plan.workspace}, and this is {workspace.configuration.workspace}.",
            remedy=remedy,
            code="plan_of_other_workspace",
        )
    lineage = workspace.store.load().lineage
    if plan.lineage is not None and plan.lineage != lineage:
        raise Refused(
            f"The plan was made on another state than the one at {workspace.configuration.state}.",
            remedy=remedy,
            code="plan_of_other_state",
        )
