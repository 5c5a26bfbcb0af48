"""What holds for every test: no surroundings leak in, and generated examples are the same everywhere."""

import os
import signal

import hypothesis
import pytest

from tests import mistakes
from tests.ci import tools as workflow_tools
from tests.fuzz.tally import added, summary
from tests.twilio_api import watch
from tests.twilio_api.description import UNCHECKED, is_checked

SURROUNDINGS = (
    *("AWS_", "CHANPLAN_", "CI_", "GH_", "GITHUB_", "GITLAB_", "PG", "TWILIO_"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
)

# The machine's own accounts and proxies are out of reach, whichever test or process asks. This happens when
# the file loads, since fixtures of a whole session start servers before any test of theirs.
for name in [name for name in os.environ if name.upper().startswith(SURROUNDINGS)]:
    del os.environ[name]
# A shell starts its background jobs with SIGINT ignored, which children inherit: what a test interrupts would never end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
TWILIO = watch.begun()
os.environ["AWS_CONFIG_FILE"] = os.devnull
os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

# A shared machine is no stopwatch, and in CI a failure must be the change's own.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
hypothesis.settings.register_profile("long", deadline=None, print_blob=True)
hypothesis.settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "here")
)


def pytest_ignore_collect(collection_path):
    """Leaves out what reads Twilio's own descriptions where they aren't at hand; the summary says so."""
    return True if not is_checked() and collection_path.match("tests/twilio_api/test_*.py") else None


def pytest_collection_modifyitems(config, items):
    """So does this with what plays on the descriptions, or expects to be told what isn't in them."""
    if is_checked():
        return
    needing = {item for item in items if item.get_closest_marker("described") or _asks_the_watch(item)}
    config.hook.pytest_deselected(items=[item for item in items if item in needing])
    items[:] = [item for item in items if item not in needing]


def _asks_the_watch(item) -> bool:
    return bool({"wrong_on_purpose", "twilio_watch"} & set(getattr(item, "fixturenames", ())))


def pytest_terminal_summary(terminalreporter) -> None:
    """Say how much was fuzzed, whichever workers did it, and what couldn't be checked."""
    if not is_checked():
        terminalreporter.write_line(UNCHECKED)
    for told in workflow_tools.unchecked():
        terminalreporter.write_line(told)
    properties = [
        each
        for report in terminalreporter.getreports("passed")
        for each in getattr(report, "user_properties", ())
    ]
    if answers := added(properties):
        terminalreporter.write_line("")
        for told in summary(answers):
            terminalreporter.write_line(told)


def pytest_unconfigure():
    """Removes what was recorded of Twilio's exchanges."""
    watch.ended(TWILIO)


@pytest.fixture
def wrong_on_purpose():
    """Returns a function that returns what was wrong with Twilio's exchanges so far, which then is no failure."""
    return TWILIO.wrong


@pytest.fixture
def twilio_watch():
    """What was said in Twilio's words, by all tests of this process so far."""
    return TWILIO


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    """Fails a test whose sandboxes did something wrong themselves; also those that ran as processes of their own.

    So does an exchange with one of them that isn't as Twilio's own description says.
    """
    # Afterwards, when sandboxes have stopped and whoever gave up rights for a test has them again.
    folder = item.funcargs.get("tmp_path")
    result = yield
    wrong = mistakes.found(folder)
    if wrong:
        pytest.fail(f"A sandbox made mistakes of its own:\n{wrong}", pytrace=False)
    strange = TWILIO.wrong() if is_checked() else []
    if strange:
        said = "\n".join(strange)
        pytest.fail(f"This isn't as Twilio's OpenAPI description has it:\n{said}", pytrace=False)
    return result
