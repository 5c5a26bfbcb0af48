"""Turns at one operation in one place: who may call next, and when. Pure but for what it remembers."""

from bisect import bisect_left, insort

TOLERANCE = 1e-6
"""Seconds by which a turn may come too soon: sums of floats seldom meet the moment that they were made for."""
SLOWER = 1.2
FASTER = 0.8
"""What the time between calls is multiplied with at a throttle, and at a success until it is what it was."""
MOST_SLOWED = 1.5
"""How much slower than its known quota an operation gets. Measured in virtual time with a service that admits one call
a second: two runs use it up to 91 %, four to 84 %; at 4 it were 84 % and 72 %, for few throttles less."""
SOONEST = 0.3
"""The part of the slowed time that passes at least before the turn after a throttle; the rest is left to chance."""
FIRST_SPACING = 0.05
"""Seconds between calls after the first throttle of an operation without a known quota."""
LONGEST_SPACING = 10.0
"""Seconds between calls of an operation without a known quota at most."""


class Bucket:
    """Gives turns in the order of tickets. Turns of those who waited stand on a grid, so that threads that wake up
    late don't lower the rate. The caller's lock makes it safe for threads.
    """

    def __init__(self) -> None:
        self._line: list[int] = []
        self._joined: dict[int, float] = {}
        self._next = float("-inf")
        self._spacing = 0.0
        self._slowed_until = float("-inf")
        self._expected = 0

    def join(self, ticket: int, now: float) -> None:
        """Wait for a turn from now on; smaller tickets go first, whenever they join."""
        insort(self._line, ticket)
        self._joined[ticket] = now

    def leave(self, ticket: int) -> None:
        """Wait no more, with or without having had a turn."""
        if self._joined.pop(ticket, None) is not None:
            self._line.remove(ticket)

    def take(self, ticket: int, now: float, interval: float) -> float:
        """Take the turn if it is this ticket's, and give 0; else the seconds after which to ask again."""
        spacing = max(interval, self._spacing)
        ahead = bisect_left(self._line, ticket)
        # Too soon where the bucket has slowed down; too late would waste turns when it comes back to its rate.
        wait = self._next + ahead * interval - now
        if ahead or wait > TOLERANCE:
            # Whoever is ahead and hasn't woken up yet will within a moment.
            return max(wait, 0.001)
        # No more than one turn is made up for: a process that was stopped doesn't come back with a burst.
        self._next = max(self._next, self._joined[ticket], now - spacing) + spacing
        self.leave(ticket)
        return 0.0

    def take_spare(self, now: float, interval: float) -> float:
        """Take a turn that nobody waits for or has announced, and give 0; else the seconds after which to ask again."""
        spacing = max(interval, self._spacing)
        wait = self._next - now
        if self._line or self._expected or wait > TOLERANCE:
            return max(wait, spacing)
        self._next = now + spacing
        return 0.0

    def hold_back(self, until: float) -> None:
        """Give no turn before a moment that the service named."""
        self._next = max(self._next, until)

    def throttled(self, now: float, interval: float, lot: float) -> None:
        """Slow down. Calls that were throttled together count once. `lot`, of 0 to 1, decides how soon the next turn
        is: two runs that ask at the same moments would meet again and again."""
        if now < self._slowed_until:
            return
        longest = MOST_SLOWED * interval or LONGEST_SPACING
        self._spacing = min(longest, max(FIRST_SPACING, max(interval, self._spacing) * SLOWER))
        self._slowed_until = now + self._spacing * (SOONEST + (1 - SOONEST) * lot)
        self._next = max(self._next, self._slowed_until)

    def succeeded(self) -> None:
        """Come back to the known rate, slowly."""
        self._spacing = 0.0 if self._spacing < TOLERANCE else self._spacing * FASTER

    def expect(self, calls: int) -> None:
        """Keep all turns from spare use until so many calls were made."""
        self._expected += calls

    def called(self) -> None:
        """One of the expected calls came to its end."""
        self._expected = max(0, self._expected - 1)

    def expect_none(self) -> None:
        """Whatever was expected won't come any more."""
        self._expected = 0
