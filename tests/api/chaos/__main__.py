"""The command behind `script/api-chaos`."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.api.chaos.campaign import Sizes, campaign


def main() -> int:
    """Plays a run, and says how it went."""
    parser = argparse.ArgumentParser(prog="script/api-chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--houses", type=int, default=20, help="groups of names that all clients fight for")
    parser.add_argument("--kill-every", type=float, default=4.0, metavar="SECONDS", help="on average")
    # After a kill the lock in a bucket stays until a person breaks it.
    parser.add_argument("--state", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--faults", action="store_true", help="let calls of services fail, too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the summary there too")
    parser.add_argument(
        "--keep", type=Path, metavar="DIRECTORY", help="keep workspace, sandbox and logs there"
    )
    given = parser.parse_args()
    sizes = Sizes(
        seconds=given.seconds,
        clients=given.clients,
        replicas=given.replicas,
        houses=given.houses,
        kill_every=given.kill_every,
        state=given.state,
        faults=given.faults,
    )
    with tempfile.TemporaryDirectory(prefix="api-chaos-") as temporary:
        root = given.keep or Path(temporary)
        root.mkdir(parents=True, exist_ok=True)
        summary = campaign(root, sizes, given.seed, say)
    say(summary.text)
    if given.json is not None:
        given.json.write_text(json.dumps({**summary.document, "told": summary.wrong}, indent=1) + "\n")
    return 1 if summary.wrong else 0


def say(text: str) -> None:
    """Prints at once: a long run is watched."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
