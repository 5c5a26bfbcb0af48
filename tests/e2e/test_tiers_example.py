"""The weeks of examples/tiers, as its README tells them: each command that stands there is run as it stands there."""

import re
import shlex
import shutil

import pytest

from tests.cli.desk import Desk
from tests.e2e.scene import EXAMPLES

SHOP = EXAMPLES / "tiers"
CODES = {"exits 3": 3, "exits 4": 4}


@pytest.fixture
def shop(tmp_path):
    """The example, nothing applied."""
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    return Desk(tmp_path)


def commands():
    """Give each line of the README's console blocks: its words, and what its comment says."""
    for part in re.findall(
        r"^```console\n(.*?)^```$", (SHOP / "README.md").read_text(), re.MULTILINE | re.DOTALL
    ):
        for line in part.splitlines():
            command, _, comment = line.partition("#")
            yield shlex.split(command)[1:], comment.strip()


def test_the_weeks_of_a_shop(shop: Desk):
    """Made, promoted and suspended by what became of the mail, and back once the bad days are over."""
    told = {}
    for words, comment in commands():
        ended = shop.run(*words)
        wanted = next((code for text, code in CODES.items() if comment.startswith(text)), 0)
        assert ended.code == wanted, (words, ended.said)
        told[" ".join(words[1:])] = ended

    assert "1 to promote, 1 to suspend" in told["tiers evaluate"].out
    assert "7.8 %" in told["tiers history use_case.newsletter"].out
    assert told["show use_case.newsletter --format json"].document["daily_capacity"] == 2000
    assert told["show use_case.newsletter --format json"].document["sending_pool"] == "harbor-news-new"
    receipts = shop.run("--sandbox", "state", "show", "use_case.receipts", "--format", "json").document
    assert (receipts["tier"], receipts["sending_pool"], receipts["daily_capacity"]) == (
        "standard",
        "harbor-orders",
        10_000,
    )
