"""The state as a log: a snapshot and the entries behind it, in one order that all writers see.

An entry's name is its position, and S3 gives a name to one writer alone; so whoever writes has seen everything before.
A journal is closed by its last entry, which names the generation that follows. Then the snapshot is written anew, with
everything in it, under the condition that it's still the one before; only then are the closed journal's objects deleted.
A writer who slept through that may find his name free again: so he looks, after each write, whether the snapshot is
still the one that his journal stands behind.
"""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from chanplan.model.errors import StateError, StateUnreadable
from chanplan.model.values import Value
from chanplan.stores.s3 import records
from chanplan.stores.s3.bucket import Bucket, Same, Stored
from chanplan.stores.s3.documents import Entry, decode_base, decode_entry, encode_base, encode_entry
from chanplan.stores.s3.faults import busy, foreign_lineage, hole, put_back, removed
from chanplan.stores.s3.place import Place
from chanplan.stores.s3.records import Memory, applied, new_lineage

_ATTEMPTS = 20
_READERS = 16


@dataclass(frozen=True, slots=True)
class View:
    """The state as of one position."""

    etag: str
    """The snapshot's."""
    generation: str
    position: int
    """Of the last entry; 0 before the first."""
    tokens: tuple[str, ...]
    """Of all entries so far."""
    folded: frozenset[str]
    """Of those of the generation before."""
    memory: Memory


class Log:
    """The log of one state."""

    def __init__(self, bucket: Bucket, place: Place) -> None:
        self._bucket = bucket
        self._place = place

    def read(self, known: View | None) -> View | None:
        """Give the state as of now, reading only what is new since `known`; None when there is none yet.

        The list is read before the snapshot: what it lacks was written later, or stands in the snapshot.
        """
        place = self._place
        for _ in range(_ATTEMPTS):
            after = place.journals if known is None else place.entry(known.generation, known.position)
            names = self._bucket.keys(place.journals, after)
            base = self._base(known)
            if base is None:
                return None
            view = self._replayed(base, names)
            if view is not None:
                return view
            known = None
        raise busy(place)

    def opened(self) -> View:
        """Give the state as of now, after making an empty one where there is none."""
        view = self.read(None)
        if view is None:
            self._bucket.create(self._place.snapshot, encode_base(_following(None), Memory(), ()))
            view = self.read(None)
        if view is None:
            raise removed(self._place)
        return view

    def append(self, view: View, changes: Sequence[Value]) -> View | None:
        """Write records behind a view and give the view after them; None when somebody else was faster."""
        entry = Entry(
            view.generation,
            view.position + 1,
            secrets.token_hex(8),
            view.memory.snapshot.lineage or new_lineage(),
            tuple(changes),
        )
        name = self._place.entry(entry.generation, entry.position)
        if self._bucket.create(name, encode_entry(entry)) is None:
            there = self._bucket.get(name)
            # Ours, when the answer to it was lost.
            if there is None or self._entry(there, name).token != entry.token:
                return None
        if self._bucket.etag(self._place.snapshot) != view.etag:
            now = self.read(None)
            return now if now is not None and entry.token in now.folded else None
        return self._after(view, entry, name)

    def closed(self, view: View) -> View | None:
        """Close the journal and go on with the next generation; None when somebody else was faster."""
        if view.memory.next is None:
            following = self.append(view, [records.close(_following(view.generation))])
            if following is None or following.memory.next is None:
                return None
            view = following
        return self._continued(view)

    def _continued(self, view: View) -> View | None:
        """Write the snapshot that a closed journal leads to, and delete what it replaces."""
        generation = view.memory.next
        assert generation is not None, "only a closed journal is followed by another"
        memory = replace(view.memory, next=None)
        body = encode_base(generation, memory, view.tokens)
        etag = self._bucket.replace(self._place.snapshot, body, view.etag)
        if etag is None:
            return (
                None  # whoever met the closed journal writes it, and one is the first; or the answer was lost
            )
        self._tidy(generation)
        return View(etag, generation, 0, (), frozenset(view.tokens), memory)

    def _tidy(self, generation: str) -> None:
        current = self._place.journal(generation)
        try:
            names = self._bucket.keys(self._place.journals, self._place.journals)
            self._bucket.delete([name for name in names if name < current])
        except StateError:
            # They do no harm, and are tried again with the next journal.
            return

    def _base(self, known: View | None) -> View | None:
        place = self._place
        stored: Stored | Same | None
        if known is None:
            stored = self._bucket.get(place.snapshot)
        else:
            stored = self._bucket.get_newer(place.snapshot, known.etag)
        if isinstance(stored, Same):
            return known
        if stored is None:
            if known is None:
                return None
            raise removed(place)
        base = decode_base(stored.body, f"The state {place}")
        before = None if known is None else known.memory.snapshot.lineage
        if before is not None and base.memory.snapshot.lineage != before:
            raise foreign_lineage(place)
        if known is not None and base.generation < known.generation:
            raise put_back(place)
        return View(stored.etag, base.generation, 0, (), base.folded, base.memory)

    def _replayed(self, view: View, names: Sequence[str]) -> View | None:
        """Apply the listed entries of a view's journal; None when they went away meanwhile."""
        journal = self._place.journal(view.generation)
        wanted = [name for name in names if name.startswith(journal)]
        behind = self._place.entry(view.generation, view.position)
        wanted = [name for name in wanted if name > behind]
        for number, name in enumerate(wanted, start=view.position + 1):
            if name != self._place.entry(view.generation, number):
                raise hole(self._place, self._place.entry(view.generation, number))
        for name, stored in zip(wanted, self._all(wanted), strict=True):
            if stored is None:
                return None
            view = self._after(view, self._entry(stored, name), name)
        return view

    def _all(self, names: Sequence[str]) -> list[Stored | None]:
        if len(names) < 2:
            return [self._bucket.get(name) for name in names]
        with ThreadPoolExecutor(min(_READERS, len(names))) as readers:
            return list(readers.map(self._bucket.get, names))

    def _entry(self, stored: Stored, name: str) -> Entry:
        entry = decode_entry(stored.body, f"The journal object {name}")
        if self._place.entry(entry.generation, entry.position) != name:
            raise StateUnreadable(
                f"The journal object {name} belongs elsewhere: somebody copied it.",
                remedy="Restore it from the bucket's versions.",
                code="state_edited",
            )
        return entry

    def _after(self, view: View, entry: Entry, name: str) -> View:
        memory = view.memory
        for number, record in enumerate(entry.records):
            memory = applied(memory, record, entry.lineage, f"{name}: records[{number}]")
        return replace(view, position=entry.position, tokens=(*view.tokens, entry.token), memory=memory)


def _following(generation: str | None) -> str:
    """Name a generation so that later ones sort behind it, and never one as another was named."""
    number = 0 if generation is None else int(generation.partition("-")[0])
    return f"{number + 1:08}-{secrets.token_hex(4)}"
