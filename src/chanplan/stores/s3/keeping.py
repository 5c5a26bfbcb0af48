"""Records that belong to the workspace and to no resource: an object each, beside the journal and its fences."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from chanplan.model.encoding import Document
from chanplan.model.errors import StateUnreadable
from chanplan.model.kept import Kept, by_key, decode_kept, encode_kept, name_of
from chanplan.model.narrowing import from_text, shape_of, to_text
from chanplan.stores.s3.bucket import Bucket, Listed, Stored
from chanplan.stores.s3.place import Place

FORMAT = 1
_READERS = 16


class Keeping:
    """The records of one state. `check` is the start-up test: without conditional writes nobody is the first."""

    def __init__(self, bucket: Bucket, place: Place, check: Callable[[], None]) -> None:
        self._bucket = bucket
        self._place = place
        self._check = check
        self._read: dict[str, Mapping[str, tuple[str, Kept]]] = {}
        """By kind: what the last look at all of them saw, by object, with its ETag. So the next reads what is new."""

    def keep(self, record: Kept, *, only_new: bool) -> bool:
        """Write a record in place of the earlier one, or only where there is none; tell whether it was written."""
        self._check()
        token, key = secrets.token_hex(8), self._place.kept(record.kind) + record.name
        document: Document = {"format": FORMAT, "token": token, "record": encode_kept(record)}
        body = to_text(document).encode()
        if not only_new:
            self._bucket.put(key, body)
            return True
        if self._bucket.create(key, body) is not None:
            return True
        there = self._bucket.get(key)
        # Ours, when the answer to it was lost.
        return there is not None and _token(there.body, key) == token

    def drop(self, kind: str, key: str) -> None:
        """Forget a record."""
        self._bucket.delete([self._place.kept(kind) + name_of(key)])

    def one(self, kind: str, key: str) -> Kept | None:
        """Read a record, or None."""
        name = self._place.kept(kind) + name_of(key)
        stored = self._bucket.get(name)
        return None if stored is None else _decoded(stored.body, kind, name)

    def all(self, kind: str) -> Mapping[str, Kept]:
        """Read all records of a kind: a list, and those objects that changed since the last time."""
        known = self._read.get(kind, {})
        listed = self._bucket.listed(self._place.kept(kind), "")
        unchanged = {
            each.key: known[each.key] for each in listed if known.get(each.key, ("",))[0] == each.etag
        }
        wanted = [each.key for each in listed if each.key not in unchanged]
        fresh = {
            name: (stored.etag, _decoded(stored.body, kind, name)) for name, stored in self._bodies(wanted)
        }
        self._read[kind] = now = {**unchanged, **fresh}
        return by_key([record for _, record in now.values()])

    def prune(self, kind: str, before: datetime) -> None:
        """Forget what was kept before a moment. What the server itself wrote since isn't read."""
        listed = self._bucket.listed(self._place.kept(kind), "")
        wanted = [each.key for each in listed if _written_before(each, before)]
        self._bucket.delete(
            [name for name, stored in self._bodies(wanted) if _decoded(stored.body, kind, name).at < before]
        )

    def _bodies(self, names: Sequence[str]) -> list[tuple[str, Stored]]:
        """Read objects; those that went away meanwhile are left out."""
        with ThreadPoolExecutor(min(_READERS, len(names) or 1)) as readers:
            return [
                (name, stored)
                for name, stored in zip(names, readers.map(self._bucket.get, names), strict=True)
                if stored is not None
            ]


def _written_before(listed: Listed, moment: datetime) -> bool:
    return listed.written < moment


def _token(body: bytes, name: str) -> str:
    return shape_of(from_text(_text(body, name), name), name).text("token")


def _decoded(body: bytes, kind: str, name: str) -> Kept:
    shape = shape_of(from_text(_text(body, name), name), name)
    if shape.whole("format") > FORMAT:
        raise StateUnreadable(
            f"{name} has format {shape.whole('format')}; this chanplan reads up to {FORMAT}.",
            remedy="Use the version of chanplan that wrote it, or a newer one.",
            code="state_version",
        )
    record = decode_kept(shape.fields.get("record"), kind, name)
    if not name.endswith(f".kept/{kind}/{record.name}"):
        raise StateUnreadable(
            f"The object {name} belongs elsewhere: somebody copied it.",
            remedy="Find out who put it there, and remove it.",
            code="state_edited",
        )
    return record


def _text(body: bytes, name: str) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise StateUnreadable(
            f"The object {name} is none of chanplan's.", remedy="Find out who put it there, and remove it."
        ) from error
