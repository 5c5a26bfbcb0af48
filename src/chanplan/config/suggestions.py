"""Finding the name that was probably meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

COMPARISONS = 200_000
"""How many names one load compares before it stops suggesting: a renamed setup with thousands of references
must not make validation slow."""
CLOSE = 0.6
"""How similar two names must be (0 to 1) for one to be a likely slip of the other."""


@dataclass(slots=True)
class Suggestions:
    """Finds the name that was probably meant, within a budget."""

    left: int = COMPARISONS

    def closest(self, word: str, names: Iterable[str]) -> str | None:
        """Give the most similar name, or None when none is close. Equal scores go to the first in order."""
        if self.left <= 0:
            return None
        best, best_score = None, CLOSE
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(word.lower())
        for name in sorted(names):
            self.left -= 1
            matcher.set_seq1(name.lower())
            if matcher.real_quick_ratio() > best_score and matcher.quick_ratio() > best_score:
                score = matcher.ratio()
                if score > best_score:
                    best, best_score = name, score
        return best

    def sentence(self, word: str, names: Iterable[str]) -> str:
        """Give `Did you mean 'NAME'?`, or nothing."""
        name = self.closest(word, names)
        return "" if name is None else f"Did you mean '{name}'?"
