"""
Twilio on the wire: which operations there are, what their parameters look like, how answers and refusals are written.

There is no model of Twilio to install, so this one is written by hand; `tests/twilio_api` holds it, and every exchange
of every test, against Twilio's own OpenAPI descriptions. What an operation does never stands here.
"""
