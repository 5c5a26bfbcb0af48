"""Clients: each asks at random, writes down what it asked and heard, and asks again where nobody answered."""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.dns.records import ZoneRecord
from tests.api.chaos.houses import House, asked_for, at_the_service, claims_of, seen
from tests.api.chaos.truth import Answer as Judged
from tests.api.chaos.truth import Asked, Exchange
from tests.api.front import Answer, Client

SECONDS = 120.0
"""How long a client waits for an answer: longer than any server waits for anything."""
PATIENCE = 300.0
"""How long, in seconds, a client asks the same again."""
PATHS = {"setup": "/v1/ses-setup", "case": "/v1/use-case"}
NOTHING_DONE = {"locked", "overloaded", "stopping", "rate_limited"}
"""By the word of these answers nothing was begun."""
LEFT_OPEN = {502, 503, 504}
"""Statuses that may come when servers and services are struck; what was done is found out by asking again."""


class PatientClient(Client):
    """A client that waits for as long as the server may take."""

    def connect(self):
        """Opens a connection."""
        return http.client.HTTPConnection(self.host, self.port, timeout=SECONDS)


@dataclass
class Journal:
    """Everything that was asked and heard, in one order."""

    guard: threading.Lock = field(default_factory=threading.Lock)
    position: int = 0
    exchanges: dict[int, list[Exchange]] = field(default_factory=dict)
    """By house."""
    wrong: list[str] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    """How long answers took, by sort of request."""

    def now(self) -> int:
        """Gives a position that nothing else has."""
        with self.guard:
            self.position += 1
            return self.position

    def write(self, house: House, asked: Asked, answer: Judged, sent: int, heard: int | None, said: str):
        """Writes an exchange down."""
        with self.guard:
            self.exchanges.setdefault(house.number, []).append(
                Exchange(len(self.exchanges.get(house.number, ())), asked, answer, sent, heard, said)
            )

    def complain(self, text: str) -> None:
        """Notes something that must not be."""
        with self.guard:
            self.wrong.append(text)

    def count(self, topic: str, what: str) -> None:
        """Counts something."""
        with self.guard:
            self.counts[topic, what] += 1

    def took(self, what: str, seconds: float) -> None:
        """Notes how long an answer took."""
        with self.guard:
            self.seconds.setdefault(what, []).append(seconds)


@dataclass
class Caller:
    """One client."""

    number: int
    draw: random.Random
    clients: Sequence[PatientClient]
    houses: Sequence[House]
    journal: Journal
    controls: Controls
    publishing: threading.Lock
    folder: Path

    def run(self, over: Callable[[], bool]) -> None:
        """Asks until it's over."""
        own = [house for house in self.houses if house.owner == self.number]
        open_to_all = [house for house in self.houses if house.owner is None]
        while not over():
            house = own[0] if own and self.draw.random() < 0.5 else self.draw.choice(open_to_all)
            action = self.draw.choices(
                (self.make_setup, self.make_case, self.delete, self.get, self.list_all), (4, 6, 5, 2, 2)
            )[0]
            try:
                action(house)
            except Exception as error:
                self.journal.complain(f"client {self.number}: {type(error).__name__}: {error}")
                raise

    def make_setup(self, house: House) -> None:
        """Asks for a setup, and plays its domain's owner, who publishes what is asked for, or forgets to."""
        view = self._make(house, house.a_setup(self.draw))
        if view is not None and self.draw.random() < 0.9:
            self._publish(house, view)

    def make_case(self, house: House) -> None:
        """Asks for a use case."""
        body = house.a_case(self.draw)
        if body is None:
            self.make_setup(house)
            return
        self._make(house, body)

    def delete(self, house: House) -> None:
        """Deletes a use case, or a setup."""
        kind = self.draw.choice(("setup", "case", "case"))
        known = house.any_of(kind, self.draw)
        if known is None:
            return
        asked = Asked("delete", kind, id=known["id"])
        answer = self._until_answered(house, asked, "DELETE", f"{PATHS[kind]}/{known['id']}", None, None)
        if answer is not None and answer.status in (204, 404):
            house.forget(kind, known["id"])
            if answer.status == 204 and house.owner == self.number:
                left = at_the_service(self.folder, known)
                if known["id"] in left:
                    self.journal.complain(
                        f"204, and SES still has {sorted(claims_of(known))} of {known['id']}"
                    )
                self.journal.count("looked at SES", "after 204")

    def get(self, house: House) -> None:
        """Looks at a setup."""
        known = house.any_of("setup", self.draw)
        if known is None:
            return
        asked = Asked("get", "setup", id=known["id"])
        answer, _ = self._ask(house, asked, "GET", f"{PATHS['setup']}/{known['id']}", None, None)
        if answer is not None and answer.status == 200:
            house.learn("setup", answer.json)
        elif answer is not None and answer.status == 404:
            house.forget("setup", known["id"])

    def list_all(self, _: House) -> None:
        """Looks at a list: everybody's house is in it."""
        kind = self.draw.choice(("setup", "case"))
        self.listed(self.draw.randrange(len(self.clients)), kind)

    def listed(self, server: int, kind: str) -> bool:
        """Looks at the list of one server; tells whether it answered."""
        sent = self.journal.now()
        answer, _ = self._send(server, "GET", PATHS[kind], None, None)
        heard = self.journal.now()
        if answer is None or answer.status != 200:
            return False
        items = answer.json["items"]
        if [item["created_at"] for item in items] != sorted(item["created_at"] for item in items):
            self.journal.complain(f"a list of {kind}s isn't in order of age")
        if len({item["id"] for item in items}) != len(items):
            self.journal.complain(f"a list of {kind}s holds an id twice")
        ours = 0
        for house in self.houses:
            there = [item for item in items if house.has(item)]
            ours += len(there)
            shown = Judged(200, seen=frozenset(map(seen, there)))
            said = f"client {self.number} listed {kind}s at server {server}: {[each['id'][:8] for each in there]}"
            self.journal.write(house, Asked("list", kind), shown, sent, heard, said)
            for item in there:
                house.learn(kind, item)
        if ours != len(items):
            self.journal.complain(f"a list of {kind}s holds what nobody asked for")
        return True

    def _make(self, house: House, body: dict) -> dict | None:
        key = f"{self.number}-{self.draw.getrandbits(64):x}" if self.draw.random() < 0.7 else None
        asked = asked_for(body, key)
        answer = self._until_answered(house, asked, "POST", PATHS[asked.kind], body, key)
        if answer is None or answer.status != 201:
            return None
        view = answer.json
        if any(view[name] != value for name, value in body.items()):
            self.journal.complain(f"201 shows {view}, and asked for was {body}")
        house.learn(asked.kind, view)
        if house.owner == self.number:
            marks = at_the_service(self.folder, body)
            if marks != {view["id"]}:
                self.journal.complain(f"201 of {view['id']}, and SES has {marks} for {body}")
            self.journal.count("looked at SES", "after 201")
        if key is not None and self.draw.random() < 0.2:
            again = self._until_answered(house, asked, "POST", PATHS[asked.kind], body, key)
            if again is not None:
                self.journal.count("repeated under their key", "when answered")
                if again.body != answer.body:
                    self.journal.complain(f"under key {key} first {answer.body!r}, then {again.body!r}")
        return view

    def _publish(self, house: House, view: dict) -> None:
        records = [ZoneRecord(each["address"], each["type"], each["record"]) for each in view["dns_records"]]
        with self.publishing:
            self.controls.publish(records)
        with house.guard:
            house.published[dkim_names(view)] = self.journal.now()

    def _until_answered(
        self, house: House, asked: Asked, method: str, path: str, body: dict | None, key: str | None
    ) -> Answer | None:
        """Asks, and asks again, mostly another server, as long as it isn't known what was done; gives the last word."""
        left_open: str | None = None
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            answer, is_open = self._ask(house, asked, method, path, body, key)
            if answer is not None and answer.status < min(LEFT_OPEN):
                if left_open is not None:
                    word = f"{answer.status}" + (f" {answer.code}" if answer.status >= 400 else "")
                    by = f"{method} with a key" if key else method
                    self.journal.count(f"{by}: {left_open}, asked again", word)
                return answer
            if is_open and left_open is None:
                left_open = "no answer" if answer is None else f"{answer.status} {answer.code}"
            time.sleep(self.draw.uniform(0.05, 0.5))
        self.journal.complain(f"{method} {path}: not answered in {PATIENCE:g} s")
        return None

    def _ask(
        self, house: House, asked: Asked, method: str, path: str, body: dict | None, key: str | None
    ) -> tuple[Answer | None, bool]:
        """Asks once, and writes it down. Gives the answer, and whether it leaves open what was done."""
        server = self._somebody()
        sent = self.journal.now()
        answer, refused = self._send(server, method, path, body, key)
        heard = self.journal.now()
        # Where nobody listened, nobody did anything.
        judged, goes_on = (None, False) if refused else self._judged(house, asked, method, answer, sent)
        if judged is None:
            return answer, False
        about = "/".join(sorted(asked.claims)) or asked.id
        said = f"[{sent}-{heard}] client {self.number} at server {server}: {method} {about} key {key}: "
        said += _told(answer)
        self.journal.write(house, asked, judged, sent, None if goes_on else heard, said)
        return answer, judged.status == 0

    def _judged(
        self, house: House, asked: Asked, method: str, answer: Answer | None, sent: int
    ) -> tuple[Judged | None, bool]:
        """Gives what is judged of an answer, None for what says that nothing was done; and whether it may still go on."""
        if answer is None:
            return (None if method == "GET" else Judged(0)), False
        if answer.status in (200, 201):
            return Judged(answer.status, seen=frozenset({seen(answer.json)})), False
        if answer.status == 204:
            return Judged(204), False
        code, problem = answer.code, answer.json
        if answer.status in LEFT_OPEN:
            if code in NOTHING_DONE or method == "GET":
                return None, False
            return Judged(0), code == "timed_out"
        if code == "dns_not_verified":
            self._check_unpublished(house, asked, sent)
        named = problem.get("use_cases", ()) if code == "setup_in_use" else filter(None, (problem.get("id"),))
        if answer.status not in (404, 409):
            self.journal.complain(f"{method} {sorted(asked.claims)}: {answer.status} {answer.body!r}")
        return Judged(answer.status, code, named=frozenset(named)), False

    def _check_unpublished(self, house: House, asked: Asked, sent: int) -> None:
        """Complains when all records of a setup were published before the request that is told that they aren't."""
        with house.guard:
            view = house.setups.get(asked.of or "")
            published = None if view is None else house.published.get(dkim_names(view))
        if published is not None and published < sent:
            self.journal.complain(f"dns_not_verified, and the records of {asked.of} were published before")
        elif view is not None and "dns_records" in view:
            self._publish(house, view)

    def _somebody(self) -> int:
        return self.draw.randrange(len(self.clients))

    def _send(
        self, server: int, method: str, path: str, body: dict | None, key: str | None
    ) -> tuple[Answer | None, bool]:
        """Gives the answer, and whether nobody listened."""
        began = time.monotonic()
        try:
            headers = {} if key is None else {"Idempotency-Key": key}
            answer = self.clients[server].ask(method, path, body, headers)
        except ConnectionRefusedError:
            self.journal.count("answers", "nobody listened")
            return None, True
        except (OSError, http.client.HTTPException):
            self.journal.count("answers", "the connection broke")
            return None, False
        code = f" {answer.code}" if answer.status >= 400 else ""
        self.journal.count("answers", f"{method} {answer.status}{code}")
        if answer.status < 300:
            what = "list" if path in PATHS.values() and method == "GET" else method
            self.journal.took(f"{what} {path.split('/')[2]}", time.monotonic() - began)
        return answer, False


def dkim_names(view: dict) -> str:
    """Gives what differs between two setups of one domain: SES's tokens."""
    return " ".join(
        sorted(each["address"] for each in view.get("dns_records", ()) if each["type"] == "CNAME")
    )


def _told(answer: Answer | None) -> str:
    if answer is None:
        return "no answer"
    text = answer.json["id"] if answer.status in (200, 201) else answer.body.decode(errors="replace")[:300]
    return f"{answer.status} {text}"
