"""Where a state lies in S3, and the names of its objects."""

from dataclasses import dataclass

from chanplan.model.configuration import S3Settings

_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Place:
    """The objects of one state. All of them begin with its key."""

    settings: S3Settings

    @property
    def snapshot(self) -> str:
        """The snapshot."""
        return self.settings.key

    @property
    def lock(self) -> str:
        """The lock; it stays when nobody holds it."""
        return f"{self.settings.key}.lock"

    @property
    def check(self) -> str:
        """What the start-up test writes."""
        return f"{self.settings.key}.check"

    @property
    def journals(self) -> str:
        """The beginning of all journals' names."""
        return f"{self.settings.key}.journal/"

    def kept(self, kind: str) -> str:
        """The beginning of the names of all records of a kind."""
        return f"{self.settings.key}.kept/{kind}/"

    def journal(self, generation: str) -> str:
        """The beginning of the names of one journal."""
        return f"{self.journals}{generation}/"

    def entry(self, generation: str, position: int) -> str:
        """One entry; names sort as generations and positions do."""
        return f"{self.journal(generation)}{position:0{_DIGITS}}"

    def __str__(self) -> str:
        return str(self.settings)
