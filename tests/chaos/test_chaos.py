"""Random configurations under faults, lost answers, kills and restarts: services, state and configuration agree in the end."""

import pytest

from tests.chaos.campaign import campaign, rounds
from tests.chaos.sizes import Sizes

SMALL = Sizes(setups=14, use_cases=28, workers=16, voice_setups=6, lines=18)
FEW = Sizes(setups=4, use_cases=8, workers=16, voice_setups=2, lines=4, deaths_alone=True)


@pytest.mark.parametrize("seed", [7, 8])
def test_agree_in_the_end(seed, tmp_path):
    """Whatever struck on the way; `script/chaos` plays long runs of the same at full size."""
    said = []

    summary = campaign(tmp_path, seed, 0, 4, SMALL, said.append)

    assert not summary.failed, "\n".join(said)
    assert summary.document["rounds"] == 4


@pytest.mark.parametrize("backend", ["s3", "postgres"])
def test_kills_lose_nothing_wherever_the_state_is_kept(backend, tmp_path):
    """One run after the other is killed: each leaves the next one all that it must know, and at most a lock to break.
    `script/chaos --deaths --state BACKEND` kills more of them."""
    said = []

    summary = campaign(tmp_path, 7, 0, 1, FEW, said.append, backend)

    assert not summary.failed, "\n".join(said)
    assert summary.document["blows that struck"]["kill"] > 2


def test_seed_decides_what_is_played():
    """Edits, faults and blows are a function of seed and round: a round that failed can be played again."""
    once, again = (rounds(7, 0, 30, SMALL) for _ in range(2))

    assert once == again
    assert rounds(7, 20, 10, SMALL) == once[20:]
    assert rounds(8, 0, 30, SMALL) != once
