"""Measuring what the design promises about speed. Run by `script/bench`, never by the tests: machines are noisy."""
