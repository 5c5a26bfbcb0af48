"""Cases: an input for a reader, made from a seed and a number, and run within bounds."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.fuzz.bounds import bounded_memory, bounded_time
from tests.fuzz.mutations import mutate
from tests.fuzz.readers import READERS, VALID

CI_CASES = 10_000
CI_SEED = 1


@dataclass(frozen=True, slots=True)
class Case:
    """One input, the same on every machine that has the same corpus."""

    reader: str
    seed: int
    number: int

    def data(self) -> bytes:
        """Make the input."""
        lot = Random(f"{self.seed}/{self.reader}/{self.number}")
        reader = READERS[self.reader]
        corpus = reader.corpus()
        valid = [data for name, data in corpus if name.startswith(VALID)]
        return mutate(lot, valid, [data for _, data in corpus], reader.mutations)

    @property
    def replay(self) -> str:
        """Give the command that runs this case alone."""
        return f"script/fuzz --reader '{self.reader}' --seed {self.seed} --case {self.number}"


def numbers_of(reader: str, total: int) -> range:
    """Give the numbers of a reader's cases, when there are so many for all readers together."""
    return range(total * READERS[reader].share // 100)


def run(cases: Iterable[Case], folder: Path) -> Counter[str]:
    """Run cases, and count what became of them. A case that fails says how to run it again."""
    answers: Counter[str] = Counter()
    # Deep enough that no `..` in an input leads to a place of somebody else.
    folder = folder.joinpath(*"abcdefgh")
    folder.mkdir(parents=True, exist_ok=True)
    with bounded_memory():
        for case in cases:
            try:
                with bounded_time():
                    answers[READERS[case.reader].read(case.data(), folder)] += 1
            except BaseException as error:
                error.add_note(f"Run it again: {case.replay}")
                raise
    return answers
