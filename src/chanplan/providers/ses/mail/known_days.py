"""Of which days SES tells at all. It gives no point for a day without mail, and none for a day that it doesn't know: before
VDM was turned on, or not counted yet. Which of the two it is, the mail of the whole account tells (decision 0036).
"""

from dataclasses import dataclass
from datetime import date, datetime

from chanplan.providers.ses.mail.account import Account
from chanplan.providers.ses.mail.series import DAY, midnight


@dataclass(frozen=True, slots=True)
class DayRange:
    """The days that were asked for, both ends included, and when."""

    first: date
    last: date
    now: datetime

    @property
    def end(self) -> datetime:
        """The end of the last day, or now where that comes first: nobody says what SES makes of a time to come."""
        after = midnight(self.last + DAY)
        return self.now if midnight(self.last) < self.now < after else after


@dataclass(frozen=True, slots=True)
class KnownDays:
    """The days of which SES tells."""

    since: date | None
    """The first on which it counted any mail of the account; None where it counted none."""
    until: date
    """The last one; earlier than asked for where SES is late."""

    def of_sender(self, asked: DayRange, *, has_mail: bool) -> tuple[date, date] | None:
        """Give the first and the last day that are told of a sender, None where no day is.

        Earlier days of a sender with mail only lower its counts, so they are days without mail. Of one without any they would
        look like a month of silence, which costs a tier: it is told from the account's first mail on.
        """
        since = asked.first if has_mail else self.since
        if since is None or max(since, asked.first) > self.until:
            return None
        return max(since, asked.first), self.until


def known_days(mailed: tuple[date, date] | None, account: Account, asked: DayRange) -> KnownDays:
    """Judge by the first and the last day with mail that SES told. Where the account sent something within a day, and neither today nor
    yesterday has a point, its counts are late: the days behind the last point aren't days without mail."""
    since, latest = mailed or (None, asked.first - DAY)
    is_current = asked.now < midnight(asked.last + DAY)
    is_late = is_current and account.sent_lately and latest < asked.last - DAY
    return KnownDays(since, latest if is_late else asked.last)
