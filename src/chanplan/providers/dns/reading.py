"""From DNS messages to answers."""

from collections.abc import Callable
from typing import TypeVar, cast

import dns.rcode
import dns.rdatatype
import dns.rdtypes.ANY.CNAME
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.TXT
from dns.message import Message
from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType

from chanplan.providers.dns.answers import Aliased, Answer, Exchange, Found, NoData, NoName

T = TypeVar("T")


def read_cname(message: Message, name: Name) -> Answer[Name]:
    """What a message says of the CNAME at a name."""
    targets = _values(message, name, RdataType.CNAME, _target)
    return Found(targets) if targets else _absence(message)


def read_mx(message: Message, name: Name) -> Answer[Exchange]:
    """What a message says of the MX records at a name; preferred ones first."""
    values = _values(message, name, RdataType.MX, _exchange)
    ordered = tuple(sorted(values, key=lambda value: (value.preference, value.host)))
    return _found_or_alias(message, name, ordered)


def read_txt(message: Message, name: Name) -> Answer[bytes]:
    """What a message says of the TXT records at a name."""
    return _found_or_alias(message, name, tuple(sorted(_values(message, name, RdataType.TXT, _text))))


def _found_or_alias(message: Message, name: Name, values: tuple[T, ...]) -> Answer[T]:
    aliases = _values(message, name, RdataType.CNAME, _target)
    if values:
        return Found(values, aliases[0] if aliases else None)
    return Aliased(aliases[0]) if aliases else _absence(message)


def _absence(message: Message) -> NoData | NoName:
    return NoName() if message.rcode() == dns.rcode.NXDOMAIN else NoData()


def _values(message: Message, name: Name, rdtype: RdataType, read: Callable[[Rdata], T]) -> tuple[T, ...]:
    """The values that stand at the very name: what a server adds from the end of a CNAME stands elsewhere."""
    return tuple(
        read(rdata)
        for rrset in message.answer
        if rrset.rdtype == rdtype and rrset.name == name
        for rdata in rrset
    )


def _target(rdata: Rdata) -> Name:
    return cast(dns.rdtypes.ANY.CNAME.CNAME, rdata).target.canonicalize()


def _exchange(rdata: Rdata) -> Exchange:
    record = cast(dns.rdtypes.ANY.MX.MX, rdata)
    return Exchange(record.preference, record.exchange.canonicalize())


def _text(rdata: Rdata) -> bytes:
    return b"".join(cast(dns.rdtypes.ANY.TXT.TXT, rdata).strings)
