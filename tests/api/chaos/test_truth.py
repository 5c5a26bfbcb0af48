"""The judge of the chaos: histories that can be, and lies that it must find."""

import pytest

from tests.api.chaos.truth import Answer, Asked, Exchange, Seen, judged

ACME = frozenset({"tenant:acme", "domain:acme.example"})
OTHER = frozenset({"tenant:acme", "domain:other.example"})
MAIL = frozenset({"use_case:Acme/Mail", "set:acme_mail", "sender:mail@acme.example"})
POST, KEYED = Asked("make", "setup", ACME), Asked("make", "setup", ACME, key="k")
CASE = Asked("make", "case", MAIL, of="1")
LIST = Asked("list", "setup")
NOTHING, LOST = Answer(200), Answer(0)


def made(id, claims=ACME, of=None, status=201):
    """A thing that is shown."""
    return Answer(status, seen=frozenset({Seen(id, claims, of)}))


def refused(code, *named):
    """A conflict."""
    return Answer(409, code, named=frozenset(named))


def delete(id, kind="setup"):
    """A deletion."""
    return Asked("delete", kind, id=id)


def one_after_the_other(*exchanges):
    """A history of one client: what it asked, and what it was told."""
    return [
        Exchange(number, asked, answer, 2 * number, 2 * number + 1, f"{number}")
        for number, (asked, answer) in enumerate(exchanges)
    ]


CAN_BE = {
    "made, shown, deleted, gone": [
        (POST, made("1")),
        (LIST, made("1", status=200)),
        (delete("1"), Answer(204)),
        (delete("1"), Answer(404)),
        (LIST, NOTHING),
    ],
    "a tenant of two domains": [
        (POST, made("1")),
        (Asked("make", "setup", OTHER), refused("tenant_exists", "1")),
    ],
    "a lost request that did nothing": [(POST, LOST), (LIST, NOTHING), (POST, made("1"))],
    "one that was done": [(POST, LOST), (LIST, made("1", status=200)), (POST, refused("tenant_exists", "1"))],
    "one that was begun, and another goes on": [
        (POST, LOST),
        (Asked("make", "setup", OTHER), refused("tenant_exists", "1")),
        (LIST, NOTHING),
        (POST, made("1")),
    ],
    "one that was begun, and finished by somebody": [
        (POST, LOST),
        (LIST, NOTHING),
        (LIST, made("1", status=200)),
    ],
    "repeated under its key": [(KEYED, LOST), (KEYED, made("1")), (KEYED, made("1"))],
    "repeated under its key when it is gone": [
        (KEYED, made("1")),
        (delete("1"), Answer(204)),
        (KEYED, made("1")),
        (LIST, NOTHING),
    ],
    "another goes on with what was begun under a key": [
        (KEYED, LOST),
        (POST, made("1")),
        (KEYED, made("1")),
        (LIST, made("1", status=200)),
    ],
    "a lost deletion": [
        (POST, made("1")),
        (delete("1"), LOST),
        (LIST, made("1", status=200)),
        (delete("1"), Answer(404)),
    ],
    "a setup that is in use": [
        (POST, made("1")),
        (CASE, made("2", MAIL, "1")),
        (delete("1"), refused("setup_in_use", "2")),
        (delete("2", "case"), Answer(204)),
        (delete("1"), Answer(204)),
        (CASE, Answer(404)),
    ],
}
LIES = {
    "twice": [(POST, made("1")), (POST, made("2"))],
    "made, and not there": [(POST, made("1")), (LIST, NOTHING)],
    "made under another id": [(POST, made("1")), (LIST, made("2", status=200))],
    "deleted, and there": [(POST, made("1")), (delete("1"), Answer(204)), (LIST, made("1", status=200))],
    "deleted, and there again": [
        (POST, made("1")),
        (delete("1"), Answer(204)),
        (LIST, NOTHING),
        (LIST, made("1", status=200)),
    ],
    "a conflict with nothing": [(POST, refused("tenant_exists"))],
    "a conflict about something else": [
        (POST, made("1")),
        (Asked("make", "setup", OTHER), refused("domain_exists", "1")),
    ],
    "a conflict with something else": [
        (POST, made("1")),
        (Asked("make", "setup", OTHER), refused("tenant_exists", "2")),
    ],
    "there, and not found": [(POST, made("1")), (delete("1"), Answer(404))],
    "lost, and there twice": [
        (POST, LOST),
        (POST, made("1")),
        (LIST, Answer(200, seen=frozenset({Seen("1", ACME, None), Seen("2", ACME, None)}))),
    ],
    "lost, done, and gone by itself": [(POST, LOST), (LIST, made("1", status=200)), (LIST, NOTHING)],
    "another answer under a key": [(KEYED, made("1")), (KEYED, made("2"))],
    "made anew under a key": [
        (KEYED, made("1")),
        (delete("1"), Answer(204)),
        (KEYED, made("1")),
        (LIST, made("1", status=200)),
    ],
    "a use case of no setup": [(CASE, made("2", MAIL, "1"))],
    "a setup that isn't in use": [(POST, made("1")), (delete("1"), refused("setup_in_use"))],
    "a setup in use that is deleted": [
        (POST, made("1")),
        (CASE, made("2", MAIL, "1")),
        (delete("1"), Answer(204)),
    ],
    "an unforeseen answer": [(POST, Answer(500))],
}


@pytest.mark.parametrize("name", CAN_BE)
def test_what_can_be(name):
    """There is an order in which every answer is right."""
    assert judged(one_after_the_other(*CAN_BE[name])) is None


@pytest.mark.parametrize("name", LIES)
def test_lies(name):
    """The first answer that fits nothing is named, with what could be there."""
    history = one_after_the_other(*LIES[name])

    lie = judged(history)

    assert lie is not None
    assert lie.exchange in history
    assert lie.exchange.said in str(lie)


def at_once(*moments):
    """A history of several clients: what each asked, was told, and when it sent and heard."""
    return [Exchange(number, *moment) for number, moment in enumerate(moments)]


def test_what_happens_at_once_may_come_in_any_order():
    """Whoever heard first needn't have been first."""
    history = at_once(
        (POST, refused("tenant_exists", "1"), 0, 2),
        (POST, made("1"), 1, 5),
        (LIST, NOTHING, 3, 4),
    )
    assert judged(history) is not None
    assert judged([history[0], history[1]]) is None
    assert judged(at_once((LIST, NOTHING, 0, 3), (POST, made("1"), 1, 2))) is None
    assert judged(at_once((LIST, NOTHING, 2, 3), (POST, made("1"), 0, 1))) is not None


def test_what_may_go_on_has_no_end():
    """A request that timed out may take effect whenever it likes, but once."""
    late = (POST, LOST, 0, None)
    history = [late, (LIST, NOTHING, 1, 2), (LIST, made("1", status=200), 3, 4)]

    assert judged(at_once(*history)) is None
    assert (
        judged(at_once(*history, (delete("1"), Answer(204), 5, 6), (LIST, made("9", status=200), 7, 8)))
        is not None
    )
