"""
An authoritative name server for the published records, over UDP and TCP.

`zone` decides what an answer holds, `listener` puts it on the wire. SES's checks read the zone through `zone` too.
"""
