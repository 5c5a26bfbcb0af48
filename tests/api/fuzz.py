"""`script/api-fuzz`: the service on the sandbox, against schemathesis, for as long as one likes."""

import os
import random
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.api.world import served
from tests.e2e.commands import Commands

HERE = Path(__file__).parent
EXAMPLES = 250
"""Of each call in each phase of one run: some 1,900 cases."""
PHASES = "examples,coverage,fuzzing,stateful"


@dataclass(frozen=True)
class Run:
    """How a run of schemathesis ended."""

    code: int
    said: str

    @property
    def cases(self) -> int:
        """How many cases were generated."""
        return int(re.findall(r"(\d[\d,]*) generated", self.said)[-1].replace(",", ""))


def hold(world, examples: int, *options: str) -> Run:
    """Holds a served workspace to its description."""
    world.new_setup(verified=True)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{world.url}/openapi.json", "--checks", "all", "--phases", PHASES),
        *("--max-examples", str(examples), "--header", f"Authorization: Bearer {world.key}"),
        *("--request-timeout", "60", "--continue-on-failure", "--suppress-health-check", "all"),
        *("--generation-database", "none", *options),
    ]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "tests.api.fuzzing",
        "CHANPLAN_FUZZED": world.url,
        "CHANPLAN_FUZZING_KEY": world.key,
        "PYTHONPATH": str(HERE.parents[1]),
        "COLUMNS": "160",
    }
    ended = subprocess.run(
        command,
        env=environment,
        cwd=world.scene.folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return Run(ended.returncode, ended.stdout)


def main(arguments: list[str]) -> int:
    """Runs it with one seed after the other until there were so many cases, and says how it ended."""
    wanted = int(arguments[0]) if arguments else 5_000
    seed = int(arguments[1]) if len(arguments) > 1 else random.randrange(2**32)
    cases = 0
    with tempfile.TemporaryDirectory() as folder:
        commands = Commands(Path(folder))
        try:
            with served(Path(folder) / "scene", commands) as world:
                while cases < wanted:
                    run = hold(world, EXAMPLES, "--seed", str(seed))
                    cases += run.cases
                    print(f"seed {seed}: {run.cases} cases, {cases} in all", flush=True)
                    if run.code or (wrong := unexpected(world)):
                        print(run.said if run.code else "\n".join(wrong))
                        return 1
                    seed += 1
        finally:
            commands.close()
    return 0


def unexpected(world) -> list[str]:
    """Gives the figures of answers that no case should get, whatever its description says: 500, 503, 504."""
    figures = world.client().get("/metrics").body.decode().splitlines()
    counted = [line for line in figures if line.startswith("chanplan_http_requests_total")]
    assert counted
    return [line for line in counted if re.search('status="50[034]"', line)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
