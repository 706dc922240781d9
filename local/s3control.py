"""Lets an s3control client reach an endpoint that has no host names of its own."""

from typing import Any

_ACCOUNT_WIDTH = len("123456789012.")


def account_stays_out_of_the_host(session: Any, endpoint_url: str) -> None:
    """Takes the account off the host of S3 Control's requests, before they are signed.

    S3 Control puts the account before the host, whatever the client's settings; the emulator's host is a
    number, before which nothing resolves. `session` is a botocore session; other services are not touched.
    """
    scheme, _, place = endpoint_url.partition("://")

    def rewrite(request: Any, **_more: object) -> None:
        start = len(f"{scheme}://")
        rest = request.url[start + _ACCOUNT_WIDTH :]
        if request.url[start:].partition(".")[0].isdecimal() and rest.startswith(place):
            request.url = f"{scheme}://{rest}"

    session.get_component("event_emitter").register_first("request-created.s3-control", rewrite)
