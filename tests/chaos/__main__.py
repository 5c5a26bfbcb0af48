"""The command behind `script/chaos`."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.chaos.campaign import campaign
from tests.chaos.sizes import Sizes
from tests.chaos.states import KEEPERS


def main() -> int:
    """Plays rounds, and says how they went."""
    parser = argparse.ArgumentParser(prog="script/chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--first", type=int, default=0, metavar="ROUND", help="begin with this round, on a world built for it"
    )
    parser.add_argument("--setups", type=int, default=100)
    parser.add_argument("--use-cases", type=int, default=200)
    parser.add_argument("--voice-setups", type=int, default=20)
    parser.add_argument("--lines", type=int, default=60)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--deep-every", type=int, default=5, help="end every so many rounds with a deep plan")
    parser.add_argument("--state", choices=sorted(KEEPERS), default="sqlite", help="where the state is kept")
    parser.add_argument("--deaths", action="store_true", help="let nothing go wrong but kill -9 of runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the summary there too")
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY", help="keep workspace and sandbox there")
    given = parser.parse_args()
    sizes = Sizes(
        given.setups,
        given.use_cases,
        given.workers,
        given.deep_every,
        given.voice_setups,
        given.lines,
        given.deaths,
    )
    with tempfile.TemporaryDirectory(prefix="chaos-") as temporary:
        root = given.keep or Path(temporary)
        root.mkdir(parents=True, exist_ok=True)
        summary = campaign(root, given.seed, given.first, given.rounds, sizes, say, given.state)
    say(summary.text)
    if given.json is not None:
        given.json.write_text(json.dumps(summary.document, indent=1) + "\n")
    return 1 if summary.failed else 0


def say(text: str) -> None:
    """Prints a line at once: a long run is watched."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
