"""Whatever the files hold, the answer is a configuration or a list of problems."""

import tempfile
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from chanplan.config.loader import load_configuration
from chanplan.model.errors import Invalid
from chanplan.render.problems import problems_github, problems_json, problems_text

HEAD = (
    "version: 1\nworkspace: acme\nproviders: {ses: {default: {region: us-east-1}}, twilio: {default: {}}}\n"
)

KEYS = (
    "version workspace include state providers tags sending_pools ses_setups twilio_setups use_cases moved from to "
    "removed address imports id acknowledge safety tiers channel lifecycle receiving actions s3 account mode sid voice "
    "phone_numbers provider"
)
VALUES = (
    "email inbound_voice existing default ${env:A} ${env: $${env:A} null ~ true 1 -1 1e3 +14155550100 use_case.a << "
    "*a &a !!int !x | > - ? : , [ ] { } ' \" # % --- ... \u202e \x85 é"
)
WORDS = st.sampled_from([*KEYS.split(), *VALUES.split(" "), "\n", "\n  ", "\t"])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


def tell(data: bytes) -> tuple[str, ...]:
    """Load a root with these bytes and tell its problems in every form."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "chanplan.yaml")
        root.write_bytes(data)
        try:
            problems = load_configuration(root, {"A": "a"}).warnings
        except Invalid as error:
            problems = error.problems
            assert all(problem.source is not None for problem in problems)
    return problems_text(problems), problems_json(problems), problems_github(problems)


@given(st.binary(max_size=200))
@example(b"[" * 100_000)
@example(b"{" * 100_000)
@example(b"a: " * 10_000)
@example(b"? " * 10_000)
@example(b"- " * 10_000)
@example(b"&a " * 1_000)
@example(b"'" + b"\n" * 100_000)
@example(b"!" * 5_000)
def test_bytes(data: bytes) -> None:
    """Bytes of any kind are told, not raised."""
    assert all(isinstance(told, str) for told in tell(data))


@given(st.lists(WORDS | st.text(max_size=5), max_size=30).map(" ".join))
def test_words_of_the_format(text: str) -> None:
    """Text that is nearly YAML, and nearly ours, is told, not raised."""
    assert all(isinstance(told, str) for told in tell((HEAD + text).encode("utf-8", "surrogatepass")))


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "include",
                "state",
                "tags",
                "sending_pools",
                "ses_setups",
                "twilio_setups",
                "use_cases",
                "moved",
                "removed",
                "imports",
                "acknowledge",
                "safety",
                "tiers",
            ]
        ),
        TREES | st.dictionaries(st.sampled_from("abc"), TREES, max_size=3),
        max_size=4,
    )
)
def test_trees_of_the_wrong_shape(sections: dict[str, object]) -> None:
    """Well-formed YAML of any shape is told, not raised."""
    import yaml

    text = HEAD + (yaml.safe_dump(sections, allow_unicode=True) if sections else "")

    assert all(isinstance(told, str) for told in tell(text.encode("utf-8", "surrogatepass")))
