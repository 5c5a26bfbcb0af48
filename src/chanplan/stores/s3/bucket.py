"""The one door to boto3: single requests to a bucket, each tried until it is answered or there is no hope."""

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chanplan.model.configuration import S3Settings
from chanplan.model.errors import StateUnreadable, StateUnwritable
from chanplan.stores.s3.faults import Attempt, passes, reading_failed, refused, writing_failed

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.client import BaseClient

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 30.0
"""Seconds; a snapshot may have some ten megabytes."""
PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2, 3.2)
"""Seconds between the tries of one request: S3 asks for that when it slows a client down."""
CONNECTIONS = 32
_AT_ONCE = 1_000
"""Keys that one DeleteObjects takes (S3's API reference)."""
_OWN_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_KEY = re.compile(r"Credential=([^/,\s]+)/")
_SHORTEST_KEY = 16

Answer = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it was read."""

    body: bytes
    etag: str
    age: float
    """Seconds since it was written, both by the server's clock."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a list tells of it."""

    key: str
    etag: str
    written: datetime
    """By the server's clock."""


@dataclass(frozen=True, slots=True)
class Same:
    """The object is still what the reader knows."""


class Bucket:
    """A bucket in which one state lives. Safe under many threads; opens nothing before the first request.

    A request whose answer was lost is sent again. So a conditional write that says "not met" may have met it itself
    the first time: whoever asked finds out by what stands there. Raises `StateUnreadable` and `StateUnwritable`.
    """

    def __init__(self, settings: S3Settings, pauses: Sequence[float] = PAUSES) -> None:
        self._settings = settings
        self._pauses = pauses
        self._made: BaseClient | None = None
        self._sent: set[str] = set()
        self.ahead: float | None = None
        """Seconds by which the server's clock is ahead of this machine's, as of the last answer that told."""
        self._making = threading.Lock()

    def get(self, key: str) -> Stored | None:
        """Read an object; None when there is none."""
        answer = self._read("get_object", missing=None, Key=key)
        return None if answer is None else _stored(answer)

    def get_newer(self, key: str, etag: str) -> Stored | Same | None:
        """Read an object unless it is still the one with this ETag."""
        answer = self._read("get_object", missing=None, Key=key, IfNoneMatch=etag)
        if answer is None:
            return None
        return Same() if "Body" not in answer else _stored(answer)

    def etag(self, key: str) -> str | None:
        """Give an object's ETag; None when there is none."""
        answer = self._read("head_object", missing=None, Key=key)
        return None if answer is None else str(answer["ETag"])

    def create(self, key: str, body: bytes) -> str | None:
        """Write an object that isn't there yet and give its ETag; None when something is there."""
        return self._write(key, body, IfNoneMatch="*")

    def replace(self, key: str, body: bytes, etag: str) -> str | None:
        """Write over the object that has this ETag and give the new one; None when it is another by now."""
        return self._write(key, body, IfMatch=etag)

    def put(self, key: str, body: bytes) -> None:
        """Write an object, whatever is there."""
        if self._write(key, body) is None:
            raise StateUnwritable(
                f"{self._settings} refuses a write without a condition as if it had one.",
                remedy="Look at what stands between chanplan and the bucket.",
            )

    def keys(self, prefix: str, after: str) -> list[str]:
        """List keys behind one, in order."""
        return [each.key for each in self.listed(prefix, after)]

    def listed(self, prefix: str, after: str) -> list[Listed]:
        """List objects behind a key, in order."""
        found: list[Listed] = []
        while True:
            answer = self._read("list_objects_v2", missing={}, Prefix=prefix, StartAfter=after)
            assert answer is not None, "a list that is missing is empty"
            contents = answer.get("Contents", [])
            assert isinstance(contents, list), "botocore parses it as a list"
            found += [Listed(str(each["Key"]), str(each["ETag"]), each["LastModified"]) for each in contents]
            if not answer.get("IsTruncated") or not contents:
                return found
            after = found[-1].key

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that aren't there are no mistake."""
        for start in range(0, len(keys), _AT_ONCE):
            some = [{"Key": key} for key in keys[start : start + _AT_ONCE]]
            answer = self._tried("delete_objects", writing_failed, Delete={"Objects": some, "Quiet": True})
            errors = answer.get("Errors")
            if isinstance(errors, list) and errors:
                raise StateUnwritable(
                    f"{len(errors)} objects of {self._settings} can't be deleted:"
                    f" {errors[0].get('Code', 'no reason given')}.",
                    remedy="Allow s3:DeleteObject on the state's key and what begins with it.",
                )

    def keeps_versions(self) -> bool | None:
        """Tell whether the bucket keeps old versions; None when that can't be told."""
        try:
            answer = self._call("get_bucket_versioning")
        except Exception:  # noqa: BLE001 - it is only for an advice
            return None
        return answer.get("Status") == "Enabled"

    def close(self) -> None:
        """Close the connections; the next request opens them again."""
        with self._making:
            if self._made is not None:
                self._made.close()
                self._made = None

    def _read(self, operation: str, *, missing: Answer | None, **parameters: object) -> Answer | None:
        try:
            return self._tried(operation, reading_failed, **parameters)
        except _NotThere:
            return missing
        except _NotNewer:
            return {}

    def _write(self, key: str, body: bytes, **condition: str) -> str | None:
        encryption = self._settings.encryption
        how = {} if encryption is None else {"ServerSideEncryption": encryption.sse}
        if encryption is not None and encryption.kms_key_id is not None:
            how["SSEKMSKeyId"] = encryption.kms_key_id
        try:
            answer = self._tried(
                "put_object",
                writing_failed,
                Key=key,
                Body=body,
                ContentType="application/json",
                **condition,
                **how,
            )
        except (_NotMet, _NotThere):
            return None
        return str(answer["ETag"])

    def _tried(
        self,
        operation: str,
        failed: Callable[[Exception, Attempt], StateUnreadable | StateUnwritable],
        **parameters: object,
    ) -> Answer:
        from botocore.exceptions import BotoCoreError, ClientError

        pauses = iter(self._pauses)
        while True:
            try:
                return self._call(operation, **parameters)
            except ClientError as error:
                said = refused(error)
                if said.code in {"404", "NoSuchKey"}:
                    raise _NotThere from error
                if said.status == 304:
                    raise _NotNewer from error
                if said.status == 412:
                    raise _NotMet from error
                failure: Exception = error
            except (BotoCoreError, ValueError, RecursionError) as error:
                failure = error
            pause = next(pauses, None) if passes(failure) else None
            if pause is None:
                attempt = Attempt(operation, self._settings, self._endpoint(), frozenset(self._sent))
                raise failed(failure, attempt) from failure
            time.sleep(pause)

    def _call(self, operation: str, **parameters: object) -> Answer:
        method: Callable[..., dict[str, object]] = getattr(self._client(), operation)
        answer = method(Bucket=self._settings.bucket, **parameters)
        now = datetime.now(UTC)
        with suppress(TypeError, ValueError):
            self.ahead = (_said_at(answer) - now).total_seconds()
        if "Body" in answer:
            # Read here, so that a connection that breaks in the middle is tried again, too.
            read: Callable[[], bytes] = getattr(answer["Body"], "read")  # noqa: B009 - the stream has no public type
            return {**answer, "Body": read()}
        return answer

    def _endpoint(self) -> str:
        return "" if self._made is None else str(self._made.meta.endpoint_url)

    def _client(self) -> "BaseClient":
        with self._making:
            if self._made is None:
                self._made = self._make()
            return self._made

    def _make(self) -> "BaseClient":
        from importlib.metadata import version

        import boto3.session
        from botocore.config import Config

        session = boto3.session.Session(
            profile_name=self._settings.profile, region_name=self._settings.region
        )
        config = Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            max_pool_connections=CONNECTIONS,
            user_agent_extra=f"chanplan/{version('chanplan')}",
        )
        # Servers other than AWS's own seldom have a name in the DNS for each bucket.
        by_path = config.merge(Config(s3={"addressing_style": "path"}))
        named = self._settings.endpoint_url
        how = config if named is None or _is_own(named) else by_path
        client: BaseClient = session.client("s3", endpoint_url=named, config=how)
        if how is config and not _is_own(str(client.meta.endpoint_url)):  # of a variable, or of a profile
            client.close()
            client = session.client("s3", endpoint_url=named, config=by_path)
        client.meta.events.register("before-send", self._remember)
        return client

    def _remember(self, request: "AWSPreparedRequest", **_: object) -> None:
        key = _KEY.search(_header(request, "Authorization"))
        for sent in (_header(request, "X-Amz-Security-Token"), "" if key is None else key[1]):
            if len(sent) >= _SHORTEST_KEY:
                self._sent.add(sent)


class _NotThere(Exception):
    """There is no such object."""


class _NotMet(Exception):
    """A write's condition doesn't hold."""


class _NotNewer(Exception):
    """A read's condition doesn't hold."""


def _is_own(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    return f".{host}".endswith(_OWN_HOSTS)


def _header(request: "AWSPreparedRequest", name: str) -> str:
    value: object = request.headers.get(name, "")
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _stored(answer: Answer) -> Stored:
    body = answer["Body"]
    assert isinstance(body, bytes), "it was read when it was answered"
    return Stored(body, str(answer["ETag"]), _age(answer))


def _age(answer: Answer) -> float:
    written = answer.get("LastModified")
    now = datetime.now(UTC)
    with suppress(TypeError, ValueError):  # without the server's clock our own must do
        now = _said_at(answer)
    return max(0.0, (now - written).total_seconds()) if isinstance(written, datetime) else 0.0


def _said_at(answer: Answer) -> datetime:
    """Give the server's time. Raises ValueError or TypeError when it doesn't tell."""
    metadata = answer.get("ResponseMetadata")
    headers = metadata.get("HTTPHeaders", {}) if isinstance(metadata, dict) else {}
    return parsedate_to_datetime(str(headers.get("date")))
