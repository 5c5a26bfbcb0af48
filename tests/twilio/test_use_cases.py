"""Voice use cases: one Application each."""

from chanplan.model.resources import Depth, Marks
from tests.twilio.twilio_world import PROFILE, A, B


def test_what_was_declared_is_what_is_made_and_read(world):
    """In the user's own words."""
    for number in (A, B):
        world.twilio.add_number(number)
    line = world.create(
        world.line(numbers=[A, B], status_callback="https://acme.example", caller_id_lookup=True)
    )

    seen = world.read(line)

    assert (seen.depth, seen.marks, seen.incomplete) == (Depth.DIRECT, Marks("id-1", "acme-production"), ())
    assert seen.attributes == {name: line.attributes[name] for name in seen.attributes}
    assert set(seen.attributes) == {"entity_name", "name", "voice", "phone_numbers", "customer_profile"}
    assert set(world.applications().values()) == {"Acme/Support"}
    assert world.bindings() == dict.fromkeys((A, B), line.facts["application_sid"])
    assert world.places() == dict.fromkeys((A, B), PROFILE)
