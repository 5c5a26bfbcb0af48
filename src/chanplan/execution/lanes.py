"""Which of the steps that may start goes next: slots by place, shared by lanes of steps that make the same calls."""

import heapq
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from chanplan.model.plans import Half, Step
from chanplan.model.scopes import Place, Scope


@dataclass(frozen=True, slots=True)
class Lane:
    """Steps that make the same calls, so that they wait for the same quotas."""

    place: Place
    half: Half
    operations: frozenset[str]


class Lanes:
    """Steps waiting for a slot.

    In each place, as many steps run at once as there are slots. A free slot goes to the lane that has the fewest:
    under quotas most steps that run only wait for a turn, and if all of them waited for the same one, the other
    operations' turns would pass unused. In a lane, the longest chain goes first, for what is behind it can't start
    sooner by any other order.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._ready: dict[Place, dict[Lane, list[tuple[int, int, Step]]]] = {}
        self._running: Counter[Hashable] = Counter()
        self._lane_of: dict[Step, Lane] = {}
        self._order = 0

    def add(self, step: Step, scope: Scope, operations: frozenset[str], rank: int) -> None:
        """Let a step wait for a slot."""
        lane = Lane(scope.place, step.half, operations)
        self._lane_of[step] = lane
        self._order += 1
        heap = self._ready.setdefault(lane.place, {}).setdefault(lane, [])
        heapq.heappush(heap, (-rank, self._order, step))

    def start(self) -> Iterator[Step]:
        """Give the steps that get a slot now, one after the other."""
        for place, lanes in self._ready.items():
            while lanes and self._running[place] < self._slots:
                lane = min(lanes, key=lambda each: (self._running[each], lanes[each][0]))
                _, _, step = heapq.heappop(lanes[lane])
                if not lanes[lane]:
                    del lanes[lane]
                self._running[place] += 1
                self._running[lane] += 1
                yield step

    def end(self, step: Step) -> None:
        """Take back a slot."""
        lane = self._lane_of.pop(step)
        self._running[lane.place] -= 1
        self._running[lane] -= 1

    @property
    def busy(self) -> bool:
        """Whether any step has a slot."""
        return any(self._running.values())
