"""`script/api-fuzz`: the service on the sandbox, against schemathesis, for as long as one likes."""

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.api.world import served
from tests.e2e.commands import Commands

HERE = Path(__file__).parent
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
    """Runs it once, and says how it ended."""
    examples = int(arguments[0]) if arguments else 300
    with tempfile.TemporaryDirectory() as folder:
        commands = Commands(Path(folder))
        try:
            with served(Path(folder) / "scene", commands) as world:
                run = hold(world, examples, *arguments[1:])
        finally:
            commands.close()
    print(run.said)
    return run.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
