"""The token with which a platform is asked: from the environment, and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chanplan.model.errors import Misused


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and where it was found."""

    text: str = field(repr=False)
    variable: str


def token_of(
    environment: Mapping[str, str], variables: Sequence[str], *, strangers: Mapping[str, str], remedy: str
) -> Token:
    """Give the first token that is set.

    `strangers` are the beginnings of tokens that belong to somebody else, who must not get to see them. The remedy is
    for when there is none.

    Raises:
        Misused: none is set (`token_missing`), or what is set is no token of this platform (`token_malformed`).
    """
    for variable in variables:
        text = environment.get(variable, "").strip()
        if not text:
            continue
        if not text.isascii() or not text.isprintable() or " " in text:
            raise Misused(
                f"{variable} holds characters that no token has.",
                remedy="Set it again, without quotes or line breaks from where it was copied.",
                code="token_malformed",
            )
        for beginning, owner in strangers.items():
            if text.startswith(beginning):
                raise Misused(
                    f"{variable} holds a token of {owner}, so it wasn't sent.",
                    remedy="Check which secret is given to this job, and --platform.",
                    code="token_malformed",
                )
        return Token(text, variable)
    raise Misused(f"No token is set: {' or '.join(variables)}.", remedy=remedy, code="token_missing")
