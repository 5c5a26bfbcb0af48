"""What each command does, without how it is typed or shown.

One module per command, and `wiring`, the only place that joins ports to implementations. It returns values and
raises errors of ours: it knows no terminal, no options parser and no exit code.
"""
