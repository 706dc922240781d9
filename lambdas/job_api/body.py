"""The JSON that a request carries, or what is wrong with it in a sentence."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from thaw.core.job_request_errors import BAD_REQUEST, TOO_LARGE, JobRefusedError

MAX_BODY_BYTES = 32_768
"""Far more than a request whose keys and prefixes are as long as S3 has them."""


def json_body(event: Mapping[str, Any]) -> object:
    """What the body of a proxied request of API Gateway holds. Raises JobRefusedError (400 or 413).

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    text = _text(event)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as exc:
        raise _bad("The body is nested too deeply; a request has at most one object in another.") from exc
    except UnicodeEncodeError as exc:
        raise _bad("The body has text with half of a surrogate pair, which is no Unicode.") from exc
    except json.JSONDecodeError as exc:
        raise _bad(f"The body is no JSON: {exc}.") from exc
    except ValueError as exc:
        raise _bad("The body has a number of more digits than any field takes.") from exc
    return value


def _text(event: Mapping[str, Any]) -> str:
    body = event.get("body") or ""
    try:
        encoded = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        if len(encoded) > MAX_BODY_BYTES:
            raise JobRefusedError(
                f"The body has {len(encoded):,} bytes; a request may have {MAX_BODY_BYTES:,}. What is to be"
                " restored belongs into a manifest.",
                TOO_LARGE,
            )
        text = encoded.decode()
    except (UnicodeError, binascii.Error) as exc:
        raise _bad("The body is not UTF-8.") from exc
    if not text.strip():
        raise _bad("The request has no body; it must be a JSON object.")
    return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise _bad("The body names a field twice.")
    return fields


def _no_number(text: str) -> NoReturn:
    raise _bad(f"The body is no JSON: it has {text}.")


def _bad(message: str) -> JobRefusedError:
    return JobRefusedError(message, BAD_REQUEST)
