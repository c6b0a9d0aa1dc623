"""`python -m karnay` is the same as `karnay`."""

from karnay.cli.main import main

if __name__ == "__main__":
    main()
