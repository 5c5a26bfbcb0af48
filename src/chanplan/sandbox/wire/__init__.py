"""
How requests and answers look on the wire: the HTTP listener, and one package for each family of protocols.

What an operation does never stands here.
"""
