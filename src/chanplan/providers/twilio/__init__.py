"""Speaking to Twilio, through its own SDK.

Setups and voice use cases as Twilio knows them: accounts, customer profiles, Applications, phone numbers and their
assignments. The only place that may import twilio, and requests below it, both by its first call. Whether something
should be done is decided elsewhere; numbers are never bought or released here, accounts never closed, calls never placed.
"""
