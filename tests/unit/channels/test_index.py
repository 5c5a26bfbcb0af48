"""Following a state that others change: whatever they moved where, the index is that of the state as it is now."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from chanplan.app.channels import index as index_module
from chanplan.app.channels.index import Index, claims_of
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


@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_what_is_read_anew_is_at_no_moment_away(before, after):
    """A request that changes something looks without the guard, while another one may read the state again."""
    old, new = (
        ResourceState(
            Address("use_case", "receipts"),
            "id",
            SES,
            {
                "channel": "email",
                "entity_name": "Acme",
                "name": "Receipts",
                "sender_email_address": f"{name}@mail.example",
            },
            references=(Address("ses_setup", "mail"), Address("sending_pool", name)),
        )
        for name in (before, after)
    )
    index = Index.of([old])
    lasting = set(claims_of("use_case", old.attributes)) & set(claims_of("use_case", new.attributes))
    seen = []

    def look(frame, _event, _argument):
        if frame.f_code.co_filename == index_module.__file__:
            seen.append(
                (
                    index.find("use_case", "id") in (old, new),
                    all(index.holders(claim) == (old.address,) for claim in lasting),
                    index.referring(Address("ses_setup", "mail")) == (old.address,),
                )
            )
        return look

    earlier = sys.gettrace()
    sys.settrace(look)
    try:
        index.put(new)
    finally:
        sys.settrace(earlier)

    assert lasting
    assert set(seen) == {(True, True, True)}
    assert index == Index.of([new])


def found(index, id):
    """Finds the name of the setup that has an id."""
    resource = index.find("ses_setup", id)
    return None if resource is None else resource.address.name
