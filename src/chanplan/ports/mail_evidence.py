"""What the services know of the mail of use cases, and how they look at their tenants."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from chanplan.model.mail_evidence import Gathered, MailSender
from chanplan.model.scopes import Scope


class MailEvidence(Protocol):
    """One service family that carries mail. Synchronous; called from many threads at once, for different scopes."""

    def gather(self, scope: Scope, senders: Sequence[MailSender], first: date, last: date) -> Gathered:
        """Ask for the mail of some use cases on the UTC days from `first` to `last`, both included, and for the standing
        of their tenants, with batches as far as they go.

        A day without mail is told as zeros; a day that isn't there wasn't told. What couldn't be asked is missing in
        the answer, and told among its problems; the rest is there all the same. Raises `ProviderError`s
        where nothing at the scope could be asked: no credentials, no network.
        """
        ...

    def cost(self, senders: Sequence[MailSender], first: date, last: date) -> Mapping[str, int]:
        """Give the calls that `gather` makes at least, by operation. No I/O."""
        ...
