"""karnay: write an announcement once, publish it once, on time, everywhere."""

__version__ = "0.1.0"
