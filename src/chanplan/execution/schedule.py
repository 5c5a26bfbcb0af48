"""What may start, what waits for what: the order of a plan's steps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chanplan.model.addresses import Address
from chanplan.model.plans import Action, Change, Edge, Half, Plan, Step
from chanplan.planning.edges import steps_of


def fingerprint_of(change: Change, half: Half) -> str | None:
    """Give what an approval calls this half; a replacement has that of its delete half first."""
    if not change.fingerprints:
        return None
    if change.action.replaces and half is Half.CREATE:
        return change.fingerprints[1]
    return change.fingerprints[0]


@dataclass(frozen=True, slots=True)
class Blocked:
    """A step that can't be done, because of `root`."""

    step: Step
    root: Step


class Schedule:
    """The steps that are left, with what each waits for. Every operation costs as much as the edges that it touches."""

    def __init__(self, plan: Plan) -> None:
        by_address = {change.address: change for change in plan.changes}
        self._left: dict[Step, int] = {step: 0 for change in plan.changes for step in steps_of(change)}
        self._after: dict[Step, list[Step]] = {step: [] for step in self._left}
        edges = {(edge.first, edge.then) for edge in plan.edges}
        for change in plan.changes:
            if change.action.replaces:
                first, then = steps_of(change)
                edges.add((first, then))
        for first, then in sorted(edges):
            self._link(first, then)
        for first, then in sorted(_guards(plan.edges, by_address)):
            if (first, then) not in edges and not self._reaches(then, first):
                self._link(first, then)
        self._rank = self._ranks()

    def ready(self) -> list[Step]:
        """Give the steps that wait for nothing."""
        return [step for step, blockers in self._left.items() if not blockers]

    def rank(self, step: Step) -> int:
        """Give the length of the longest chain of steps that waits for this one."""
        return self._rank.get(step, 0)

    def finish(self, step: Step) -> list[Step]:
        """Take a done step off, and give those that now wait for nothing more."""
        del self._left[step]
        unblocked = []
        for after in self._after[step]:
            if after in self._left:
                self._left[after] -= 1
                if not self._left[after]:
                    unblocked.append(after)
        return unblocked

    def drop(self, step: Step) -> list[Blocked]:
        """Take a step off that wasn't done, and everything that waits for it; give the latter."""
        self._left.pop(step, None)
        dropped = []
        heads = [step]
        while heads:
            for after in self._after[heads.pop()]:
                if self._left.pop(after, None) is not None:
                    dropped.append(Blocked(after, step))
                    heads.append(after)
        return dropped

    def __contains__(self, step: Step) -> bool:
        return step in self._left

    def left(self) -> list[Step]:
        """Give the steps that are neither done nor dropped."""
        return list(self._left)

    def _link(self, first: Step, then: Step) -> None:
        if first in self._left and then in self._left:
            self._after[first].append(then)
            self._left[then] += 1

    def _reaches(self, start: Step, goal: Step) -> bool:
        seen = {start}
        heads = [start]
        while heads:
            step = heads.pop()
            if step == goal:
                return True
            fresh = [after for after in self._after.get(step, ()) if after not in seen]
            seen.update(fresh)
            heads += fresh
        return False

    def _ranks(self) -> dict[Step, int]:
        blockers = dict(self._left)
        order = [step for step, count in blockers.items() if not count]
        for step in order:
            for after in self._after[step]:
                blockers[after] -= 1
                if not blockers[after]:
                    order.append(after)
        ranks: dict[Step, int] = {}
        for step in reversed(order):
            ranks[step] = 1 + max((ranks[after] for after in self._after[step]), default=0)
        return ranks


def _guards(edges: Sequence[Edge], changes: Mapping[Address, Change]) -> Iterable[tuple[Step, Step]]:
    """Give the edges that keep a delete half back until what its create half needs is there.

    Without them a replacement could delete, and then fail to create because a pool couldn't be made.
    """
    for edge in edges:
        change = changes.get(edge.then.address)
        if (
            change is not None
            and change.action is Action.REPLACE
            and edge.then.half is Half.CREATE
            and edge.first.address != edge.then.address
            and edge.first.half is not Half.DELETE
        ):
            yield edge.first, Step(edge.then.address, Half.DELETE)
