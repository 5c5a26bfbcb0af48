"""Two servers on one PostgreSQL, many clients, and kills: no duplicate, no orphan, every answer true."""

from tests.api.chaos.campaign import Sizes, campaign

SMALL = Sizes(seconds=6, clients=12, houses=3, kill_every=2.5)


def test_every_answer_is_true_whoever_is_killed(tmp_path):
    """Real servers, keys and sockets; `script/api-chaos` plays it with 50 clients, and for as long as one likes."""
    said = []

    summary = campaign(tmp_path, SMALL, 7, said.append)

    assert not summary.wrong, summary.text
    assert sum(summary.document["struck"].values()) >= 1
    assert summary.document["answers judged"] >= 20
