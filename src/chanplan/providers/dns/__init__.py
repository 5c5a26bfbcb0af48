"""Asking DNS, through dnspython.

What the records of a setup look like in the world, and what a person must publish. The only place that may
import dnspython. It asks and judges; it never publishes, and it knows no other service.
"""
