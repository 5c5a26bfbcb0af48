"""Speaking to Amazon SES, through boto3.

Setups, sending pools and use cases as SES knows them: tenants, identities, configuration sets, receipt rules.
The only place that may import boto3 and botocore. Whether something should be done is decided elsewhere.
"""
