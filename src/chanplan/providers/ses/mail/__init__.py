"""The mail of use cases, as SES and CloudWatch count it, and how SES looks at the tenants that send it.

One question about many senders becomes batches and lists: four counts a sender, ten to a call, from SES's deliverability
manager (VDM), or five hundred to a call from CloudWatch; the standings and findings of all tenants, a hundred to a page.
"""
