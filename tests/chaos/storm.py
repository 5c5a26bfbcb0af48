"""A storm over voice lines: many setups on one account, many workers, throttles and lost answers; what is there afterwards.

`python -m tests.chaos.storm --setups 50 --lines 4 --workers 16` plays it at any size.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT
from tests.e2e.commands import Commands
from tests.e2e.scene import Scene

MOST_COMMANDS = 20
FAULTS = (
    Fault(FaultKind.THROTTLE, match="twilio:*", probability=0.15, seed=1),
    Fault(FaultKind.DROP_AFTER, match="twilio:Create*", probability=0.1, seed=2),
    Fault(FaultKind.DROP_AFTER, match="twilio:Update*", probability=0.1, seed=3),
    Fault(FaultKind.DROP_AFTER, match="twilio:Delete*", probability=0.1, seed=4),
    Fault(FaultKind.DROP_BEFORE, match="twilio:*", probability=0.03, seed=5),
    Fault(FaultKind.ERROR_500, match="twilio:*", probability=0.03, seed=6),
)


@dataclass(frozen=True)
class Weathered:
    """How a storm went."""

    codes: tuple[int, ...]
    """Of the applies until one had nothing left to do, then of the deep plan in calm weather."""
    destroyed: tuple[int, ...]
    """The exit codes of the destroys in the same storm, until nothing was left to do."""
    left: tuple[int, int, int]
    """Applications, bound numbers and assignments that are left then."""
    lines: dict[str, int]
    """How many Applications have each name."""
    bound: dict[str, str]
    assigned: list[tuple[str, str]]
    wanted_lines: dict[str, int]
    wanted_bound: dict[str, str]
    wanted_assigned: list[tuple[str, str]]
    calls: Counter[str]
    seconds: float

    @property
    def exact(self) -> bool:
        """Whether exactly what is declared is there."""
        return (self.lines, self.bound, self.assigned) == (
            self.wanted_lines,
            self.wanted_bound,
            self.wanted_assigned,
        )


def profile(setup: int) -> str:
    """Names the profile of a setup."""
    return f"BU{setup:032x}"


def number(setup: int, line: int) -> str:
    """Names the number of a line."""
    return f"+1415{setup:04}{line:03}"


def friendly_name(setup: int, line: int) -> str:
    """Names the Application of a line."""
    return f"Customer {letters(setup)}/Line {letters(line)}"


def letters(value: int) -> str:
    """Spells a number in letters, since names have no digits."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(value))


def configuration(setups: int, lines: int) -> str:
    """Declares so many setups of one account, each with so many lines, each line with a number."""
    entries = [
        f"""  line-{setup}-{line}:
    channel: {("inbound_voice", "outbound_voice")[line % 2]}
    entity_name: Customer {letters(setup)}
    name: Line {letters(line)}
    twilio_setup: voice-{setup}
    voice: {{url: "https://voice.example/{setup}/{line}"}}
    phone_numbers: ["{number(setup, line)}"]
"""
        for setup in range(setups)
        for line in range(lines)
    ]
    return (
        "version: 1\nworkspace: storm\nproviders:\n  twilio:\n    default: "
        '{account_sid: "${env:TWILIO_ACCOUNT_SID}"}\ntwilio_setups:\n'
        + "".join(
            f"  voice-{each}: {{customer_profile: {{sid: {profile(each)}}}}}\n" for each in range(setups)
        )
        + "use_cases:\n"
        + "".join(entries)
    )


def furnish(controls: Controls, setups: int, lines: int) -> None:
    """Gives the account its numbers and approved profiles."""
    for setup in range(setups):
        controls.twilio.approve(profile(setup))
        for line in range(lines):
            controls.twilio.add_number(number(setup, line))


def weathered(root: Path, commands: Commands, setups: int, lines: int, workers: int) -> Weathered:
    """Applies in the storm until nothing is left to do, and says what is there."""
    began = time.monotonic()
    with Scene(root, commands) as scene, scene.controls() as controls:
        furnish(controls, setups, lines)
        scene.write(configuration(setups, lines))
        codes = braved(scene, controls, "apply", "--auto-approve", "--parallelism", str(workers))
        codes.append(scene.start("plan", "--refresh", "deep", "--detailed-exitcode").wait(600).code)
        twilio = controls.twilio
        names = {each["sid"]: each["friendly_name"] for each in twilio.applications()}
        numbers = {each["sid"]: each for each in twilio.numbers()}
        places = [(setup, line) for setup in range(setups) for line in range(lines)]
        there = (
            dict(Counter(names.values())),
            {
                each["phone_number"]: names.get(each["voice_application_sid"], "")
                for each in numbers.values()
                if each["voice_application_sid"]
            },
            sorted(
                (numbers[each["channel_endpoint_sid"]]["phone_number"], each["customer_profile_sid"])
                for each in twilio.assignments(MAIN_ACCOUNT)
            ),
        )
        gone = ("destroy", "--auto-approve", "--allow-delete", "all", "--parallelism", str(workers))
        destroyed = braved(scene, controls, *gone)
        return Weathered(
            tuple(codes),
            tuple(destroyed),
            (
                len(twilio.applications()),
                sum(bool(each["voice_application_sid"]) for each in twilio.numbers()),
                len(twilio.assignments()),
            ),
            *there,
            {friendly_name(*place): 1 for place in places},
            {number(*place): friendly_name(*place) for place in places},
            sorted((number(*place), profile(place[0])) for place in places),
            Counter(controls.status().calls),
            time.monotonic() - began,
        )


def braved(scene: Scene, controls: Controls, *arguments: str) -> list[int]:
    """Runs a command in the storm until it has nothing left to do; gives its exit codes."""
    for fault in FAULTS:
        controls.add_fault(fault)
    codes: list[int] = []
    while len(codes) < MOST_COMMANDS and 0 not in codes:
        codes.append(scene.start(*arguments).wait(600).code)
    controls.clear_faults()
    return codes


def main() -> int:
    """Plays a storm, and says how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.storm", description=__doc__)
    parser.add_argument("--setups", type=int, default=50)
    parser.add_argument("--lines", type=int, default=4, help="of each setup")
    parser.add_argument("--workers", type=int, default=16)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="storm-") as temporary:
        root = Path(temporary)
        commands = Commands(root)
        try:
            found = weathered(root / "scene", commands, given.setups, given.lines, given.workers)
        finally:
            commands.close()
    sys.stdout.write(
        f"{given.setups} setups of {given.lines} lines, {given.workers} workers: exit codes {found.codes}, "
        f"{'exactly' if found.exact else 'NOT'} what is declared; destroyed with {found.destroyed}, left "
        f"{found.left}; {found.calls.total():,} calls, {found.seconds:.0f} s\n"
    )
    sys.stdout.writelines(f"{count:7} {name}\n" for name, count in sorted(found.calls.items()))
    return 0 if found.exact and found.left == (0, 0, 0) else 1


if __name__ == "__main__":
    sys.exit(main())
