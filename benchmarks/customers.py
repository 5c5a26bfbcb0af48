"""What every customer has, in our workspaces and in those of our peers. Light to import: see `benchmarks/__init__.py`."""

USE_CASES = (
    ("receipts", "Receipts", "transactional"),
    ("alerts", "Alerts", "transactional"),
    ("digest", "Digest", "marketing"),
    ("news", "News", "marketing"),
)
"""Key, name and family of the four use cases of each."""
