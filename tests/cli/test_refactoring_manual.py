"""The commands of docs/refactoring.md, in their order: what people copy works, and calls no service but to read."""

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.desk import EMAIL, SandboxedDesk
from tests.cli.test_refactoring import only_reads
from tests.cli.test_state_changes import addresses

MANUAL = (Path(__file__).parents[2] / "docs" / "refactoring.md").read_text()
OTHER = "other/chanplan.yaml"
HEAD = EMAIL[: EMAIL.index("sending_pools:")]
TXN = EMAIL[EMAIL.index("sending_pools:") : EMAIL.index("  marketing:\n")]
MARKETING = EMAIL[EMAIL.index("  marketing:\n") : EMAIL.index("ses_setups:")]
SETUPS = EMAIL[EMAIL.index("ses_setups:") : EMAIL.index("use_cases:")]
RECEIPTS = EMAIL[EMAIL.index("  receipts:\n") : EMAIL.index("  alerts:\n")]
ALERTS = EMAIL[EMAIL.index("  alerts:\n") :]


def blocks(title, language):
    """The blocks of a language in the section of a title."""
    section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", MANUAL, re.MULTILINE | re.DOTALL)
    assert section is not None, title
    return re.findall(rf"^```{language}\n(.*?)^```", section[1], re.MULTILINE | re.DOTALL)


@pytest.fixture
def followed(finished: SandboxedDesk):
    """Runs the commands of a block, none of which may fail or change a service."""
    run = set()

    def follow(title, number=0, *, lines=slice(None)):
        block = blocks(title, "console")[number]
        for line in block.splitlines()[lines]:
            run.add(line)
            if not line.startswith("#"):
                program, *arguments = shlex.split(line)
                ended = finished.run(*arguments)
                assert (program, ended.code) == ("chanplan", 0), f"{line}\n{ended.out}\n{ended.err}"

    follow.run = run
    return follow


def test_every_recipe_from_the_first_to_the_last(finished: SandboxedDesk, followed):
    """A rename, a swap, letting go, a split, a merge, a hand-over and another backend."""
    pools = TXN + MARKETING
    renamed = RECEIPTS.replace("  receipts:\n", "  order-mail:\n")
    with only_reads(finished):
        (moved,) = blocks("Another name", "yaml")
        finished.write(HEAD + pools + SETUPS + "use_cases:\n" + renamed + ALERTS + moved)
        followed("Another name")
        followed("Another name", 1)
        swapped = ALERTS.replace("  alerts:\n", "  order-mail:\n")
        finished.write(
            HEAD
            + pools
            + SETUPS
            + "use_cases:\n"
            + swapped
            + RECEIPTS.replace("  receipts:\n", "  alerts:\n")
        )
        assert finished.run("plan", "--detailed-exitcode").code == 0

        (removed,) = blocks("Letting go", "yaml")
        uses = SETUPS + "use_cases:\n" + swapped
        finished.write(HEAD + pools + uses + removed)
        followed("Letting go")

        other = HEAD.replace("workspace: quickstart", "workspace: other")
        finished.write(other + TXN + uses, OTHER)
        followed("Splitting a workspace", lines=slice(2))
        finished.write(HEAD + "sending_pools:\n" + MARKETING)
        followed("Splitting a workspace", lines=slice(2, None))

        finished.write(HEAD + pools + uses)
        followed("Merging two")
        finished.write(other, OTHER)

        followed("Handing over to a team that has no access here")
        finished.write(HEAD + pools)
        assert finished.run("plan", "--detailed-exitcode").code == 0

        followed("Another backend", lines=slice(2))
        finished.write(HEAD + pools + "state: {backend: sqlite, path: elsewhere.db}\n")
        followed("Another backend", lines=slice(2, None))

    assert addresses(finished, "elsewhere.db") == ["sending_pool.marketing", "sending_pool.transactional"]
    written = re.findall(r"^```console\n(.*?)^```", MANUAL, re.MULTILINE | re.DOTALL)
    assert {line for block in written for line in block.splitlines()} == followed.run
