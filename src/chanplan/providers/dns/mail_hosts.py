"""Whose mail servers these are, by the names of their hosts."""

# The hosts that the providers tell their customers to publish, by suffix.
_PROVIDERS = (
    ("Google Workspace", ("google.com", "googlemail.com")),
    ("Microsoft 365", ("protection.outlook.com", "mx.microsoft")),
    ("Zoho Mail", ("zoho.com", "zoho.eu", "zoho.in", "zoho.com.au", "zohomail.com")),
    ("Proton Mail", ("protonmail.ch", "proton.me")),
    ("Fastmail", ("messagingengine.com",)),
    ("iCloud Mail", ("mail.icloud.com",)),
    ("Yandex 360", ("yandex.net", "yandex.ru")),
    ("Rackspace Email", ("emailsrvr.com",)),
    ("GoDaddy", ("secureserver.net",)),
    ("IONOS", ("kundenserver.de", "ionos.com", "ionos.de", "1and1.com")),
    ("OVHcloud", ("ovh.net", "ovh.com")),
    ("Gandi", ("gandi.net",)),
    ("Hostinger", ("hostinger.com",)),
    ("Titan", ("titan.email",)),
    ("Migadu", ("migadu.com",)),
    ("Cloudflare Email Routing", ("mx.cloudflare.net",)),
    ("ImprovMX", ("improvmx.com",)),
    ("Mailgun", ("mailgun.org",)),
    ("SendGrid", ("sendgrid.net",)),
    ("Postmark", ("postmarkapp.com",)),
    ("Proofpoint", ("pphosted.com", "ppe-hosted.com")),
    ("Mimecast", ("mimecast.com", "mimecast.co.za")),
    ("Barracuda", ("barracudanetworks.com",)),
    ("Cisco Secure Email", ("iphmx.com",)),
    ("Trend Micro", ("tmes.trendmicro.com", "tmes.trendmicro.eu")),
    # Amazon WorkMail has the very hosts of SES's receiving: the name doesn't tell them apart.
    ("Amazon SES or WorkMail", ("amazonaws.com",)),
    ("Amazon SES", ("amazonses.com",)),
)


def provider_of(host: str) -> str | None:
    """The provider that a mail host belongs to, or None when it isn't a known one's."""
    host = host.lower().rstrip(".")
    for provider, suffixes in _PROVIDERS:
        if any(host == suffix or host.endswith("." + suffix) for suffix in suffixes):
            return provider
    return None


def owners(hosts: list[str]) -> str:
    """Hosts for a sentence, with the provider in front where it is known: `Google Workspace (a, b)`, `c`."""
    named: dict[str | None, list[str]] = {}
    for host in hosts:
        named.setdefault(provider_of(host), []).append(host)
    parts = [
        f"{provider} ({', '.join(its)})" if provider else ", ".join(its) for provider, its in named.items()
    ]
    return " and ".join(parts)
