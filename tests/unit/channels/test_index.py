"""Following a state that others change: whatever they moved where, the index is that of the state as it is now."""

from hypothesis import given
from hypothesis import strategies as st

from chanplan.app.channels.index import Index
from chanplan.model.addresses import Address
from chanplan.model.resources import ResourceState
from tests.unit.execution.scene import SES, setup

NAMES = ("alpha", "beta", "gamma", "delta")
STATES = st.lists(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(NAMES)), min_size=2, max_size=4)
"""States one after the other: by the name at which it is, the name that the setup was made under."""


def state(places):
    """Makes a state in which setups are at these addresses; each is at one of them."""
    held = {made: at for at, made in places.items()}
    resources = [
        ResourceState(Address("ses_setup", at), f"id of {made}", SES, setup(made).attributes)
        for made, at in held.items()
    ]
    return {each.address: each for each in resources}


def test_a_setup_that_takes_the_address_of_another_that_moved_on_is_found():
    """As after two `state mv` between two requests: beta became alpha, and gamma beta."""
    index = Index.of(state({"beta": "beta", "gamma": "gamma"}).values())
    now = state({"alpha": "beta", "beta": "gamma"})
    index.follow(now)

    assert {id: found(index, id) for id in ("id of beta", "id of gamma")} == {
        "id of beta": "alpha",
        "id of gamma": "beta",
    }


@given(STATES)
def test_following_ends_where_beginning_anew_does(states):
    """Ids, unique values, kinds and counts."""
    index = Index()
    for each in (state(places) for places in states):
        index.follow(each)
        anew = Index.of(each.values())

        assert index.ids == anew.ids
        assert index.claims == anew.claims
        assert index.kinds["ses_setup"] == anew.kinds["ses_setup"]
        assert +index.counts == +anew.counts


def found(index, id):
    """Finds the name of the setup that has an id."""
    resource = index.find("ses_setup", id)
    return None if resource is None else resource.address.name
