"""The tools that people would use otherwise, at the same work in the same shape: what they are given, and how they are
run. Only what ships with them or with Python is used; nothing is fetched here."""
