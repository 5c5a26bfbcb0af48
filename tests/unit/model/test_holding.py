"""Who holds a lock, in words."""

from datetime import UTC, datetime

from chanplan.model.holding import LONGEST, Holding

AT = datetime(2026, 11, 23, 17, 5, 41, 123456, tzinfo=UTC)


def test_in_words():
    """Since when to the second; signs of life and an end only where they are known."""
    assert [
        str(Holding("0a1b", "ci@build-7, process 41", "chanplan apply", AT)),
        str(Holding("0a1b", "ci", "apply", AT, silent=12.3)),
        str(Holding("0a1b", "ci", "apply", AT, silent=12.3, over=True)),
    ] == [
        "ci@build-7, process 41 (chanplan apply) since 2026-11-23T17:05:41Z",
        "ci (apply) since 2026-11-23T17:05:41Z; its last sign of life was 12 s ago",
        "ci (apply) since 2026-11-23T17:05:41Z; its last sign of life was 12 s ago, and the process has ended",
    ]


def test_texts_of_others_are_not_longer_than_anybody_reads():
    """A lock object may hold anything."""
    assert len(str(Holding("0a1b", "x" * 10**6, "y" * 10**6, AT))) < 3 * LONGEST
