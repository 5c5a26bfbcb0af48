"""Judging what `doctor` gathered: facts in, findings out.

Every code and its weight stands in `catalogue`. Nothing here asks anybody, knows a clock or words for a terminal.
"""
