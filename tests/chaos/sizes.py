"""How much is declared, and how hard it is worked on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """How large the configuration is, and how many workers apply it."""

    setups: int
    use_cases: int
    workers: int
    deep_every: int = 1
    """Every how many rounds a deep plan is made."""
    voice_setups: int = 0
    lines: int = 0
    deaths_alone: bool = False
    """Whether nothing goes wrong but kill -9, of one run after the other."""
