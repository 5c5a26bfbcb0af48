"""Every error that chanplan raises on purpose.

    ChanplanError
    ├── Invalid               input has problems, all of them listed
    ├── Misused               a command was called in a way that can't work
    ├── StateError            the state can't be used
    │   ├── StateUnreadable   missing rights, not a state, corrupted, newer than this version
    │   ├── StateUnwritable   read-only, full, gone
    │   └── Locked            another run holds the workspace
    ├── Refused               the plan may not be applied
    ├── Interrupted           a signal asked to stop
    └── ProviderError         an outside service said no, or nothing
        ├── Transient         try again later: throttled, 5xx before anything was done
        │   └── Unreachable   no connection: nothing was sent
        ├── OutcomeUnknown    the request was sent and no answer came: look before repeating
        ├── Rejected          the service understood and refused: repeating won't help
        ├── Gone              the object isn't there any more
        └── Foreign           the object exists and isn't ours

A class exists where somebody catches it. The original error is chained as the cause; texts of services
are cut at `DETAIL_LIMIT` and never hold a secret, since requests are not quoted.
"""

from chanplan.model.holding import Holding
from chanplan.model.problems import Problem

DETAIL_LIMIT = 500


class ChanplanError(Exception):
    """An error with a stable code, a sentence, and what to do."""

    code = "error"

    def __init__(self, message: str, *, remedy: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        if code is not None:
            self.code = code


class Invalid(ChanplanError):
    """Input has problems: `problems` lists all errors, and `warnings` what else deserves a look."""

    code = "invalid"

    def __init__(self, problems: tuple[Problem, ...], warnings: tuple[Problem, ...] = ()) -> None:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(first.message + more, remedy=first.remedy, code=first.code)
        self.problems = problems
        self.warnings = warnings


class Misused(ChanplanError):
    """A command was called in a way that can't work."""

    code = "usage"


class StateError(ChanplanError):
    """The state can't be used."""

    code = "state"


class StateUnreadable(StateError):
    """The state can't be read: missing rights, not a state, corrupted, or newer than this version."""

    code = "state_unreadable"


class StateUnwritable(StateError):
    """The state can't be written: read-only, full or gone."""

    code = "state_unwritable"


class Locked(StateError):
    """Another run holds the workspace; the message says who, why and since when."""

    code = "locked"

    def __init__(self, holding: Holding, *, remedy: str) -> None:
        super().__init__(f"The workspace is locked by {holding}.", remedy=remedy)
        self.holding = holding


class Refused(ChanplanError):
    """The plan may not be applied; the message says why."""

    code = "refused"


class Interrupted(ChanplanError):
    """A signal asked to stop."""

    code = "interrupted"


class ProviderError(ChanplanError):
    """An outside service said no, or nothing."""

    code = "provider"

    def __init__(self, message: str, *, remedy: str = "", code: str | None = None) -> None:
        super().__init__(message[:DETAIL_LIMIT], remedy=remedy, code=code)


class Transient(ProviderError):
    """The service did nothing and may do it later. `retry_after` is in seconds, when it said so."""

    code = "transient"

    def __init__(
        self, message: str, *, remedy: str = "", code: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, remedy=remedy, code=code)
        self.retry_after = retry_after


class Throttled(Transient):
    """The service is asked too often, by us or by others who share its quota."""

    code = "throttled"


class Unreachable(Transient):
    """No connection could be made, so nothing was sent."""

    code = "endpoint_unreachable"


class OutcomeUnknown(ProviderError):
    """The request was sent and no answer came, or one that doesn't tell whether it was done."""

    code = "outcome_unknown"


class Rejected(ProviderError):
    """The service understood and refused; repeating won't help."""

    code = "rejected"


class Gone(ProviderError):
    """The object isn't there any more."""

    code = "gone"


class Foreign(ProviderError):
    """The object exists and carries no mark of ours, or another's. `owner_id` is the mark it carries, if any."""

    code = "foreign_object"

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        code: str | None = None,
        owner_id: str | None = None,
        owner_workspace: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy, code=code)
        self.owner_id = owner_id
        self.owner_workspace = owner_workspace
