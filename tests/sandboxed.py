"""The accounts of a sandbox workspace, whichever networks there are."""

from karnay.sandbox.accounts import tables

ACCOUNTS = tuple(tables("http://sandbox"))
"""Their names, which are their platforms', in the order of karnay.toml."""
