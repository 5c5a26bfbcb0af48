"""The command line.

Commands, options, progress and exit codes over `app`; the only place that starts the sandbox. No rule of the
domain lives here. What is imported when a module of this package loads is paid for by `--help`.
"""
