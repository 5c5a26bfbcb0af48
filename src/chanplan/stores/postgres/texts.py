"""Any text in a column: PostgreSQL takes no NUL and no unpaired surrogate, and its encoding may lack characters."""

from chanplan.model.narrowing import from_text, to_text


def plain(text: str) -> str:
    """Write a text in ASCII, with JSON's escapes for what isn't."""
    return to_text(text)[1:-1]


def original(text: object, where: str) -> str:
    """Read what `plain` wrote. Raises `StateUnreadable` for anything else."""
    return str(from_text(f'"{text}"', where))


def optional_original(text: object, where: str) -> str | None:
    """Read what `plain` wrote, or NULL."""
    return None if text is None else original(text, where)
