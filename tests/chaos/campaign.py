"""A run of rounds, and its summary."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.declared import Declared
from tests.chaos.mischief import Round, after, deadly, drawn
from tests.chaos.sizes import Sizes
from tests.chaos.world import Failure, World


@dataclass(frozen=True)
class Summary:
    """How a run went."""

    document: dict[str, object]
    failed: bool

    @property
    def text(self) -> str:
        """The summary for people."""
        lines = []
        for name, value in self.document.items():
            told = (
                ", ".join(f"{key} {count:,}" for key, count in value.items())
                if isinstance(value, dict)
                else f"{value:,}"
            )
            lines.append(f"{name:<26}{told or 'none'}")
        return "\n".join(lines)


def rounds(seed: int, first: int, number: int, sizes: Sizes) -> list[Round]:
    """Gives so many rounds from the first; a pure function of its arguments."""
    settled, found = Declared(), []
    for each in range(first + number):
        round_ = drawn(seed, each, settled, sizes)
        settled = after(round_)
        if each >= first:
            found.append(deadly(seed, round_) if sizes.deaths_alone else round_)
    return found


def campaign(
    root: Path,
    seed: int,
    first: int,
    number: int,
    sizes: Sizes,
    say: Callable[[str], None],
    backend: str = "sqlite",
) -> Summary:
    """Plays rounds until one fails. What goes wrong is said with all that led to it, and how to see it again."""
    started = time.monotonic()
    played, failed = 0, False
    world = World(root, sizes.workers, sizes.deep_every, backend)
    try:
        for round_ in rounds(seed, first, number, sizes):
            began = time.monotonic()
            try:
                if round_.number == first and first and not _destroyed_before(seed, first, sizes):
                    world.build(round_.settled)
                world.play(round_)
            except Failure as failure:
                failed = True
                say(_diagnosis(seed, round_, sizes, backend, world, failure))
                break
            except KeyboardInterrupt:
                say(f"interrupted in round {round_.number}")
                break
            played += 1
            edits = sum(len(stage.said) for stage in round_.stages)
            say(
                f"round {round_.number}: {edits} edits, {len(world.log) - edits} commands, "
                f"{time.monotonic() - began:.1f} s"
            )
        return _summary(seed, first, played, failed, world, time.monotonic() - started)
    finally:
        world.close()


def _destroyed_before(seed: int, first: int, sizes: Sizes) -> bool:
    return rounds(seed, first - 1, 1, sizes)[0].destroys


def _diagnosis(seed: int, round_: Round, sizes: Sizes, backend: str, world: World, failure: Failure) -> str:
    size = (
        f"--setups {sizes.setups} --use-cases {sizes.use_cases} --voice-setups {sizes.voice_setups} "
        f"--lines {sizes.lines} --workers {sizes.workers} "
        f"--deep-every {sizes.deep_every} --state {backend}{' --deaths' if sizes.deaths_alone else ''}"
    )
    return "\n".join(
        (
            f"FAILED: seed {seed}, round {round_.number}",
            *(f"  {line}" for line in world.log),
            *(f"  {line}" for line in str(failure).splitlines()),
            "The same edits, faults and blows, on a world built for this round (threads interleave anew each time):",
            f"  script/chaos --seed {seed} --first {round_.number} --rounds 1 {size}",
            "With everything that went before:",
            f"  script/chaos --seed {seed} --rounds {round_.number + 1} {size}",
        )
    )


def _summary(seed: int, first: int, played: int, failed: bool, world: World, seconds: float) -> Summary:
    def counted(topic: str) -> dict[str, int]:
        return {name: count for (about, name), count in sorted(world.counts.items()) if about == topic}

    document: dict[str, object] = {
        "seed": seed,
        "first round": first,
        "rounds": played,
        "seconds": round(seconds),
        "commands": counted("commands"),
        "deep plans": counted("deep looks").get("plan", 0),
        "exit codes": counted("exits"),
        "undisturbed applies": counted("applies without mischief"),
        "edits": sum(counted("edits").values()),
        "blows that struck": counted("blows"),
        "faults that struck": counted("faults"),
        "service calls": world.calls(),
        "changes carried out": counted("changes"),
        "objects checked": world.counts["objects", "checked"],
        "failures": int(failed),
    }
    return Summary(document, failed)
