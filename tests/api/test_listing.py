"""Lists are written from what was written before, and are the same as if they weren't."""

import json
from dataclasses import replace

from pydantic import TypeAdapter

from chanplan.api.answers import SesSetupItem, UseCaseAnswer
from chanplan.api.listing import Listing
from chanplan.model.channels import SetupItem, VoiceUseCaseView
from tests.api.front import MOMENT, SETUP, TWILIO_SETUP, USE_CASE


def setup(number):
    """Makes a setup of a number."""
    id = f"{number:08x}{SETUP[8:]}"
    return SetupItem(id, f"t{number}", f"m{number}.example", True, None, MOMENT, MOMENT)


def test_an_unchanged_list_is_the_same_bytes():
    """Not written again."""
    listing = Listing(TypeAdapter(SesSetupItem))
    items = [setup(number) for number in range(3)]
    first = listing.written(items, whole=True)
    assert listing.written(items, whole=True) is first
    assert [item["tenant_name"] for item in json.loads(first)["items"]] == ["t0", "t1", "t2"]


def test_what_changed_is_written_as_it_is_now():
    """An item that was replaced, one that is gone, one that is new, in the order that they have."""
    listing = Listing(TypeAdapter(SesSetupItem))
    one, two, three = (setup(number) for number in range(3))
    listing.written([one, two], whole=True)
    changed = replace(two, dns_verified=False)
    later = [three, changed]
    fresh = Listing(TypeAdapter(SesSetupItem))
    assert listing.written(later, whole=True) == fresh.written(later, whole=True)
    told = json.loads(listing.written(later, whole=True))["items"]
    assert [(item["tenant_name"], item["dns_verified"]) for item in told] == [("t2", True), ("t1", False)]


def test_a_part_takes_nothing_from_the_whole():
    """A filtered list is written from the whole's parts, and the whole stays."""
    listing = Listing(TypeAdapter(SesSetupItem))
    items = [setup(number) for number in range(3)]
    whole = listing.written(items, whole=True)
    assert len(json.loads(listing.written(items[:1], whole=False))["items"]) == 1
    assert listing.written(items, whole=True) is whole
    assert listing.written([], whole=False) == b'{"items":[]}'


def test_a_use_case_is_written_as_a_post_answers():
    """Told apart by channel, `description` null."""
    view = VoiceUseCaseView(USE_CASE, "Acme", "Line", None, "inbound_voice", TWILIO_SETUP, MOMENT, MOMENT)
    told = json.loads(Listing(TypeAdapter(UseCaseAnswer)).written([view], whole=True))
    shape = TypeAdapter(UseCaseAnswer)
    assert told["items"] == [json.loads(shape.dump_json(shape.validate_python(view, from_attributes=True)))]
    assert told["items"][0]["description"] is None
