"""Exit codes (docs: design section 9)."""

from enum import IntEnum

from chanplan.model.errors import ChanplanError, Interrupted, Locked, Refused


class Exit(IntEnum):
    """How a command ended. Where several hold, the one that `worst` gives."""

    DONE = 0
    ERROR = 1
    """Something failed, was used wrongly, or a planned change's gate failed."""
    CHANGES = 2
    """`plan --detailed-exitcode`: there are changes."""
    WAITING = 3
    """A planned change waits for a gate, or the time given was up."""
    REFUSED = 4
    """The plan may not be applied."""
    LOCKED = 5
    """Another run holds the workspace."""
    INTERRUPTED = 130


_ORDER = (Exit.INTERRUPTED, Exit.LOCKED, Exit.REFUSED, Exit.ERROR, Exit.WAITING, Exit.CHANGES, Exit.DONE)


def worst(*codes: Exit) -> Exit:
    """Give the first of the codes in the order in which they count."""
    return min(codes, key=_ORDER.index)


def exit_of(error: ChanplanError) -> Exit:
    """Give the code with which a command ends that an error stopped."""
    match error:
        case Interrupted():
            return Exit.INTERRUPTED
        case Locked():
            return Exit.LOCKED
        case Refused():
            return Exit.REFUSED
        case _:
            return Exit.ERROR
