"""Where a browser comes back to: one request, on this machine alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from karnay.cli.redirect import Redirect
from karnay.errors import NotPossible


@pytest.fixture
def redirect() -> Iterator[Redirect]:
    with Redirect() as listening:
        yield listening


def test_the_address_that_the_browser_ends_on_is_given_back(redirect: Redirect) -> None:
    address = f"{redirect.address}?code=abc&state=def"
    with ThreadPoolExecutor() as pool:
        came = pool.submit(redirect.wait, 10)
        answer = httpx.get(address)
    assert came.result() == address
    assert "abc" not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_what_browsers_ask_for_besides_ends_nothing(redirect: Redirect) -> None:
    icon = redirect.address.replace("/karnay", "/favicon.ico")
    with ThreadPoolExecutor() as pool:
        came = pool.submit(redirect.wait, 10)
        assert httpx.get(icon).status_code == 404
        httpx.get(redirect.address)
    assert came.result() == redirect.address


def test_nobody_is_waited_for_for_ever(redirect: Redirect) -> None:
    with pytest.raises(NotPossible, match="begin again"):
        redirect.wait(0.01)


def test_it_listens_on_the_loopback_only(redirect: Redirect) -> None:
    assert redirect.address.startswith("http://127.0.0.1:")


def test_a_taken_port_is_told(redirect: Redirect) -> None:
    port = int(redirect.address.rpartition(":")[2].partition("/")[0])
    with pytest.raises(NotPossible, match="--port"):
        Redirect(port)


def test_the_code_is_not_logged(redirect: Redirect, capfd: pytest.CaptureFixture[str]) -> None:
    with ThreadPoolExecutor() as pool:
        pool.submit(redirect.wait, 10)
        httpx.get(f"{redirect.address}?code=of-the-log-in")
    assert "of-the-log-in" not in "".join(capfd.readouterr())
