"""docs/voice.md says of each rejection what a plan says."""

from pathlib import Path

from chanplan.planning.profile_gate import REJECTIONS

MANUAL = Path(__file__).parents[2] / "docs" / "voice.md"


def test_each_rejection_stands_in_the_manual() -> None:
    """Its code, what it means and what to change, in the same words."""
    lines = MANUAL.read_text("utf-8").splitlines()

    assert [line for line in lines if line.startswith("| 18")] == [
        f"| {code} | {reason.meaning} | {reason.change} |" for code, reason in REJECTIONS.items()
    ]
