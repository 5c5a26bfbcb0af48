"""Applies at one request a second and operation, in exact virtual time: no machine is fast or slow here."""

import pytest

from benchmarks.quota_rig import WORKSPACE, Measured, Rig, Shape, shapes
from chanplan.providers.memory.provider import MemoryProvider
from chanplan.providers.memory.world import MemoryWorld
from chanplan.stores.memory import MemoryStore

SHAPES = {shape.name: shape for shape in shapes(200)}
LARGE = [name for name, shape in SHAPES.items() if max(len(shape.before), len(shape.after)) >= 200]


def measured(shape: Shape, parallelism: int = 16) -> Measured:
    """Apply a shape on a service of its own."""
    world = MemoryWorld()
    rig = Rig(
        MemoryStore(),
        lambda pacer, clock: MemoryProvider(world, pacer, clock, WORKSPACE),
        parallelism=parallelism,
    )
    return rig.measure(shape)


@pytest.mark.parametrize("name", LARGE)
def test_an_apply_comes_close_to_the_lower_bound(name: str) -> None:
    """The busiest quota or the longest chain, and at most 15 % more; the estimate is as close, and its calls are
    those that were made."""
    found = measured(SHAPES[name])

    assert 1.0 <= found.ratio <= 1.15
    assert abs(found.error) <= 0.15
    assert found.estimated_calls == found.calls


@pytest.mark.parametrize("name", [name for name in SHAPES if name not in LARGE])
def test_the_estimate_of_small_plans_is_good_too(name: str) -> None:
    """There, the calls of one step count more than the quota."""
    found = measured(SHAPES[name])

    assert abs(found.error) <= 0.15
    assert found.estimated_calls == found.calls


def test_virtual_time_takes_the_same_course_each_time() -> None:
    """Two runs of a mixed plan take the same time to the last digit."""
    shape = next(shape for shape in shapes(20) if shape.name.startswith("a quarter"))

    assert measured(shape) == measured(shape)


@pytest.mark.parametrize("parallelism", [4, 64])
def test_slots_hardly_matter_when_quotas_are_what_is_scarce(parallelism: int) -> None:
    """Few slots are enough to keep every quota busy, and many don't get in each other's way."""
    shape = next(shape for shape in shapes(100) if shape.name.startswith("new setups beside"))

    assert measured(shape, parallelism).ratio <= 1.15
