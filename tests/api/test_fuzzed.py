"""A short run of schemathesis, so that no change brings an answer that the description doesn't have. `script/api-fuzz` is the long one."""

from tests.api.fuzz import hold, unexpected


def test_the_service_is_as_its_description_says(world):
    """Examples, edges, random cases and sequences along links: no 500, and no answer that isn't described."""
    run = hold(world, 5, "--seed", "1")
    assert run.code == 0, run.said
    assert run.cases >= 300
    assert unexpected(world) == []
