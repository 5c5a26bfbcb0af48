"""A short run of schemathesis, so that no change brings an answer that the description doesn't have. `script/api-fuzz` is the long one."""

from tests.api.fuzz import hold


def test_the_service_is_as_its_description_says(world):
    """Examples, edges, random cases and sequences along links: no 500, and no answer that isn't described."""
    run = hold(world, 5, "--seed", "1")
    assert run.code == 0, run.said
    assert run.cases >= 300
    text = world.client().get("/metrics").body.decode()
    counted = [line for line in text.splitlines() if line.startswith("chanplan_http_requests_total")]
    assert len(counted) > 20
    assert not [
        line for line in counted if 'status="500"' in line or 'status="503"' in line or 'status="504"' in line
    ]
