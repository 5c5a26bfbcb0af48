"""Measuring what the design promises about speed. Run by `script/bench`, never by the tests: machines are noisy.

Everything measured is a process of its own, a `Case` (`measuring.py`), so that its time, its peak memory and the bytes
it writes are the kernel's figures, and nothing measured warms up anything else. What a process knows better than the
kernel (calls made, seconds of a virtual clock, the time of one inner part) it prints as a line of JSON: `tell(calls=312)`.

A new benchmark is one module here with a `SECTION`, named in `__main__.SECTIONS`; its table appears in
`docs/performance.md` between `<!-- bench: NAME -->` and `<!-- /bench -->`, which must stand there:

    def cases(desk: Desk) -> Iterator[Case]:
        for size in desk.sizes:
            desk.prepare("benchmarks.workspaces", "declared", desk.folder, size)      # in a process of its own, too
            yield Case("shallow refresh", size, desk.module("benchmarks.refresh", size), desk.folder)

    SECTION = Section("refresh", cases, shown=("calls",))

Cases of the same name and size but of different tools are run in turn, round by round, so that a machine that slows
down slows all of them. The runner itself stays small: a child's peak memory begins with what its parent had.
"""
