"""Whatever is sent to Twilio's hosts, the answer is one of Twilio's, and never a failure of the sandbox itself."""

import base64
import json
import threading
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chanplan.sandbox.dispatch import Dispatcher
from chanplan.sandbox.families.twilio import Twilio
from chanplan.sandbox.recorder import Recorder
from chanplan.sandbox.services.twilio.operations import TWILIO_HANDLERS
from chanplan.sandbox.state.mistakes import Mistakes
from chanplan.sandbox.state.storage import Storage
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT, TwilioControls, token_of
from chanplan.sandbox.wire.messages import Request
from chanplan.sandbox.wire.twilio.model import OPERATIONS

PROFILE = "BU" + "1" * 32
SIDS = [MAIN_ACCOUNT, PROFILE, "AP" + "0" * 32, "PN" + "0" * 32, "AC" + "2" * 32, "RN" + "3" * 32]

texts = st.text(max_size=70)
words = st.sampled_from(
    [
        *(
            "",
            "true",
            "1000",
            "0",
            "-1",
            "9" * 40,
            "\u0663",
            "POST",
            "phone-number",
            "suspended",
            "pending-review",
        ),
        *("https://a.example", "http://[", "//x", "+1415*", "*[?", "PAAP" + "0" * 32),
    ]
)


def mostly(right, *wrong):
    """Mostly what is right: nonsense in every place at once never gets far."""
    return st.sampled_from([*[right] * 8, *wrong])


@st.composite
def requests(draw, there):
    """A request to one of the operations, or nearly, with parameters that may fit."""
    operation = draw(st.sampled_from(OPERATIONS))
    own = next((sid for sid in there if sid.startswith(operation.own_sid or "-")), MAIN_ACCOUNT)
    path = operation.path
    for place, known in (("AccountSid", MAIN_ACCOUNT), ("CustomerProfileSid", PROFILE), ("Sid", own)):
        path = path.replace(f"{{{place}}}", draw(mostly(known, *SIDS, "nobody", "%ff", "..%2F")))
    user = draw(mostly(MAIN_ACCOUNT, "AC" + "2" * 32, "SK" + "4" * 32, "\u00e9"))
    login = base64.b64encode(f"{user}:{token_of(user)}".encode()).decode()
    method = draw(mostly(operation.method, "GET", "POST", "DELETE", "PUT"))
    names = st.one_of(st.sampled_from([*operation.takes, "Colour"]), st.text(max_size=8))
    sids = st.sampled_from([*SIDS, *there])
    pairs = draw(st.lists(st.tuples(names, st.one_of(texts, sids, words)), max_size=3))
    sent = urlencode([*[(name, draw(sids)) for name in operation.required], *pairs], errors="surrogatepass")
    return Request(
        method,
        f"/{operation.host}{path}",
        "" if method == "POST" else sent,
        {
            "authorization": draw(mostly(f"Basic {login}", "Basic", "Basic \u00e9", "")),
            "content-type": draw(mostly("application/x-www-form-urlencoded", "text/plain")),
        },
        draw(st.one_of(st.just(sent.encode()), st.binary(max_size=30))) if method == "POST" else b"",
    )


@pytest.fixture(scope="module")
def dispatcher(tmp_path_factory):
    """A dispatcher on a sandbox that holds one of each."""
    directory = tmp_path_factory.mktemp("sandbox")
    storage, mistakes = Storage(directory), Mistakes(directory)
    knobs = TwilioControls(storage)
    knobs.approve(PROFILE)
    sids = (
        knobs.add_number("+14155550100"),
        knobs.add_application("a"),
        knobs.assign(PROFILE, "+14155550100"),
    )
    yield (
        Dispatcher((Twilio(TWILIO_HANDLERS),), storage, mistakes, None, threading.Event(), Recorder(None)),
        mistakes,
        sids,
    )
    storage.close()


@settings(max_examples=400)
@given(data=st.data())
def test_every_request_has_an_answer(dispatcher, data):
    """With a status of Twilio's, and JSON; what is refused says so in Twilio's words."""
    served, mistakes, there = dispatcher
    before = len(mistakes.noted())
    answer = served.serve(data.draw(requests(there)), lambda: False)

    assert mistakes.noted()[before:] == ()
    assert answer.status in (200, 201, 204, 400, 401, 404, 409)
    body = json.loads(answer.body) if answer.status != 204 else {}
    assert answer.status < 400 or sorted(body) == ["code", "message", "more_info", "status"]
