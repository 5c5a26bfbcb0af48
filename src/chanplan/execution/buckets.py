"""Turns at one operation in one place: who may call next, and when. Pure but for what it remembers."""

from bisect import bisect_left, insort

TOLERANCE = 1e-6
"""Seconds by which a turn may come too soon: sums of floats seldom meet the moment that they were made for."""
SLOWER = 1.5
FASTER = 0.97
"""What the time between calls is multiplied with at a throttle, and at a success until it is what it was. In balance
one call of fourteen is throttled, so that twelve in a row never are; two processes at one quota use it up."""
FIRST_SPACING = 0.05
"""Seconds between calls after the first throttle of an operation without a known quota."""
LONGEST_SPACING = 10.0


class Bucket:
    """Gives turns in the order of tickets. Turns of those who waited stand on a grid, so that threads that wake up
    late don't lower the rate. The caller's lock makes it safe for threads.
    """

    def __init__(self) -> None:
        self._line: list[int] = []
        self._joined: dict[int, float] = {}
        self._next = float("-inf")
        self._spacing = 0.0
        self._slowed_at = float("-inf")
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
        wait = self._next + ahead * spacing - now
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

    def throttled(self, now: float, interval: float) -> None:
        """Slow down. Calls that were throttled together count once."""
        spacing = max(interval, self._spacing)
        if now - self._slowed_at >= spacing:
            self._slowed_at = now
            self._spacing = min(LONGEST_SPACING, max(FIRST_SPACING, spacing * SLOWER))
            self._next = max(self._next, now + self._spacing)

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
