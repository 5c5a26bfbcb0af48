"""Whatever strangers publish, there is a verdict on it, and nothing in it acts on a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from chanplan.model.records import Purpose
from chanplan.providers.dns.answers import Exchange, Found, NoData, NoName, Unanswered, named, shown_text
from chanplan.providers.dns.judging import judge
from tests.unit.dns.published import PROBE
from tests.unit.dns.records import seven_records

RECORDS = seven_records("mail.acme.example")

spf_like = st.lists(
    st.sampled_from(
        [
            "v=spf1",
            "include:amazonses.com",
            "+all",
            "-all",
            "redirect=a.example",
            "redirect=",
            "mx",
            "mx:",
            "a/24//64",
            "include:",
            "include:..",
            "ip4:1.2.3.4/33",
            "exists:%{i}.a",
            "%{",
            "ip6:::/0",
            "include:\\",
            "x=y",
            "",
        ]
    ),
    max_size=8,
).map(lambda terms: " ".join(terms).encode())
dmarc_like = st.lists(
    st.sampled_from(
        [
            "v=DMARC1",
            " v = DMARC1",
            "p=none",
            "p=",
            "p = reject ",
            "sp=x",
            "np=reject",
            "psd=y",
            "aspf=s",
            "rua=mailto:a@b",
            "=",
            "",
            "t=y",
        ]
    ),
    max_size=8,
).map(lambda tags: ";".join(tags).encode())
texts = st.lists(st.binary(max_size=300) | spf_like | dmarc_like, min_size=1, max_size=3).map(tuple)


class Stranger:
    """Gives the same answer to every question."""

    probe_label = PROBE

    def __init__(self, answers):
        self._answers = answers

    def cname(self, name):
        return self._answers["cname"]

    def mx(self, name):
        return self._answers["mx"]

    def txt(self, name):
        return self._answers["txt"]


nothing = st.sampled_from([NoData(), NoName(), Unanswered("Nobody answered.")])
hosts = st.sampled_from([named(name) for name in (".", "a.example", "feedback-smtp.us-east-1.amazonses.com")])
strangers = st.fixed_dictionaries(
    {
        "txt": texts.map(Found) | nothing,
        "cname": st.tuples(hosts).map(Found) | nothing,
        "mx": st.lists(st.builds(Exchange, st.integers(0, 65535), hosts), min_size=1, max_size=3).map(
            lambda values: Found(tuple(values))
        )
        | nothing,
    }
)


@given(strangers)
def test_every_answer_has_a_verdict(answers):
    """Judges know no answer that they can't judge, and show only what can be shown."""
    verdicts = [judge(record, Stranger(answers)) for record in RECORDS]

    shown = "".join(
        text for verdict in verdicts for text in (verdict.detail, *verdict.found, *verdict.warnings)
    )
    assert ([verdict.record for verdict in verdicts], shown.isprintable()) == (list(RECORDS), True)


@given(texts)
def test_texts_alone_have_a_verdict(values):
    """Of arbitrary bytes in a TXT each judge that reads TXT makes something."""
    stranger = Stranger({"txt": Found(values), "cname": NoData(), "mx": NoData()})
    readers = [record for record in RECORDS if record.purpose in {Purpose.SPF, Purpose.DMARC, Purpose.DKIM}]

    verdicts = [judge(record, stranger) for record in readers]

    assert all(verdict.detail for verdict in verdicts)


@given(st.binary(max_size=2000))
def test_shown_texts_are_printable_and_short(value):
    """Control characters are escaped, and a long text is cut."""
    text = shown_text(value)

    assert (text.isprintable(), len(text) <= 300) == (True, True)
