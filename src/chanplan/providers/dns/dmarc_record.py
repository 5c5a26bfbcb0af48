"""DMARC records as text (RFC 9989, section 4.7), and which policy is the stricter one."""

import re
from dataclasses import dataclass
from enum import IntEnum

# The tag may be of any case and have blanks around, the version is `DMARC1` to the letter.
_VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?=;|\Z)")
# Spaces around the value are left to strip(): a pattern would try each of a long row of them as the last.
_TAG = re.compile(r"[ \t]*([A-Za-z0-9]+)[ \t]*=(.*)", re.DOTALL)


class Policy(IntEnum):
    """What receivers are asked to do with mail that fails; the greater, the stricter."""

    NONE = 0
    QUARANTINE = 1
    REJECT = 2

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """A record that receivers act on."""

    policy: Policy
    subdomain_policy: Policy | None = None
    public_suffix: str = "u"
    """`psd`: `y` for a registry's own record, `n` for the top of an organization, `u` when it isn't said."""
    strict_spf: bool = False
    """`aspf=s`: the MAIL FROM name must equal the From domain."""
    testing: bool = False
    """`t=y`: receivers should not act on the policy yet."""

    @property
    def for_subdomains(self) -> str:
        """The tag that names below the record's own are judged by."""
        return f"p={self.policy}" if self.subdomain_policy is None else f"sp={self.subdomain_policy}"

    @property
    def policy_for_subdomains(self) -> Policy:
        """What that tag asks for."""
        return self.policy if self.subdomain_policy is None else self.subdomain_policy


@dataclass(frozen=True, slots=True)
class Unusable:
    """A record of DMARC's version that receivers pass over."""

    reason: str
    """Why; goes on a sentence."""


def is_dmarc(text: str) -> bool:
    """Tell whether a TXT value is a DMARC record; all others at the name don't count."""
    return _VERSION.match(text) is not None


def parse_dmarc(text: str) -> DmarcRecord | Unusable:
    """Read a text for which `is_dmarc` holds.

    Unknown tags are passed over, and a missing `p` is `none`. With an invalid policy the record counts as `p=none`
    when it asks for reports (`rua`), and else not at all.
    """
    tags: dict[str, str] = {}
    for part in text.split(";")[1:]:
        tag = _TAG.fullmatch(part)
        if tag:
            tags.setdefault(tag[1].lower(), tag[2].strip(" \t"))
    policies = {name: tags[name].lower() for name in ("p", "sp", "np") if name in tags}
    invalid = [name for name, value in policies.items() if value.upper() not in Policy.__members__]
    if invalid and ":" not in tags.get("rua", ""):
        wrong = invalid[0]
        return Unusable(f"{wrong}={tags[wrong][:40]!r} is no policy; it must be none, quarantine or reject")
    if invalid:
        policies = {}
    policy = Policy[policies.get("p", "none").upper()]
    return DmarcRecord(
        policy,
        subdomain_policy=Policy[policies["sp"].upper()] if "sp" in policies else None,
        public_suffix=tags.get("psd", "u").lower(),
        strict_spf=tags.get("aspf", "r").lower() == "s",
        testing=tags.get("t", "n").lower() == "y",
    )
