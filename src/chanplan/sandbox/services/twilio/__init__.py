"""
What Twilio does: accounts, Applications, numbers, customer profiles and what is assigned to them.

Everything about it that nobody has verified stands in `quirks`, every code that it refuses with in `refusals`. How
requests and answers look on the wire never stands here.
"""
