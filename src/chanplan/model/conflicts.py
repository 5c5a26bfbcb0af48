"""What a write doesn't fit with: errors that every store gives in the same words."""

from chanplan.model.errors import StateUnreadable, StateUnwritable

_LOOK_AGAIN = "Run again: what was begun at the services is found by its mark."


def intent_open(intent_id: str) -> StateUnwritable:
    """Give the error for an intent of which one is open."""
    return StateUnwritable(f"The intent {intent_id} is open already.", remedy=_LOOK_AGAIN, code="intent_open")


def intent_closed(intent_id: str) -> StateUnwritable:
    """Give the error for an intent that was settled before or never begun."""
    return StateUnwritable(
        f"The intent {intent_id} isn't open: it was settled before, or never begun.",
        remedy=_LOOK_AGAIN,
        code="intent_closed",
    )


def other_workspace(owner: str, workspace: str, remedy: str) -> StateUnreadable:
    """Give the error for a state that belongs to another workspace."""
    return StateUnreadable(
        f"The state belongs to the workspace {owner!r}, not to {workspace!r}.",
        remedy=remedy,
        code="other_workspace",
    )
