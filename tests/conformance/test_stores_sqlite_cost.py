"""What a change costs: it doesn't grow with the state."""

import pytest

from chanplan.model.addresses import Address
from chanplan.model.snapshots import MoveResource, Observation, PutResource
from chanplan.stores.sqlite.store import SqliteStore
from tests.conformance.store_samples import SETUP, T0, approval, intent, resource

PAGE_AND_HEADER = 4096 + 24


def pages_written(path, resources):
    """Fill a state, make one change of every sort, and count the pages that were written."""
    store = SqliteStore(path)
    addresses = [Address("use_case", f"case-{number}") for number in range(resources)]
    store.edit(
        [PutResource(resource(each, SETUP, ses_setup=str(SETUP), text="x" * 500)) for each in addresses]
    )
    store.observe([Observation(each, T0, {"status": "x" * 200}) for each in addresses])
    store.approve(approval("sha256:plan", *(f"sha256:{each}" for each in addresses)))
    store.close()  # merges what was written and starts afresh

    middle = addresses[resources // 2]
    store.begin(intent("intent-1", middle))
    store.checkpoint("intent-1", {"step": 1})
    changed = resource(middle, SETUP, ses_setup=str(SETUP), text="y" * 500)
    store.settle("intent-1", [PutResource(changed)], spend=f"sha256:{middle}")
    store.observe([Observation(middle, T0, {"status": "y" * 200})])
    store.edit([MoveResource(middle, Address("use_case", "moved"))])
    written = path.with_name(path.name + "-wal").stat().st_size
    store.close()
    return written // PAGE_AND_HEADER


@pytest.mark.parametrize("many", [5_000])
def test_bytes_written_per_change_do_not_depend_on_the_size_of_the_state(tmp_path, many):
    """The same five changes write about as many pages into a state of thousands as into one of a hundred."""
    few = pages_written(tmp_path / "few.db", 100)

    assert pages_written(tmp_path / "many.db", many) <= 1.5 * few
