"""Mends of the emulator's event source mappings from SQS to Lambda."""

import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, cast

import shapes

_BATCH: ContextVar[tuple[dict[str, Any], set[str]] | None] = ContextVar("batch", default=None)


def batches_may_exceed_ten_messages(sqs: Any) -> None:
    """A mapping's batch stops at 10 messages, where AWS goes up to its BatchSize on standard queues."""

    def make(original: Any) -> Callable[..., Any]:
        def receive(queue_url: str, max_number: int) -> list[dict[str, Any]]:
            messages = original(queue_url, max_number)
            with sqs._queues_lock:
                queue = sqs._get_q(queue_url)
                if len(messages) == 10 and max_number > 10 and not queue["is_fifo"]:
                    visibility = int(queue["attributes"].get("VisibilityTimeout", "30"))
                    messages += sqs._collect_msgs(queue, max_number - 10, visibility)
            return messages

        return receive

    shapes.replace(sqs, "_receive_messages_for_esm", "f230dbcd4974", make)


def an_unknown_item_identifier_fails_the_batch(lambda_service: Any) -> None:
    """A batchItemFailures entry that names no message of the batch is taken for success.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """

    def make_run(original: Any) -> Callable[..., None]:
        def run(mapping: Any, function: Any, event: Any, batch: Any, *rest: Any) -> None:
            token = _BATCH.set((mapping, {message["id"] for message in batch}))
            try:
                original(mapping, function, event, batch, *rest)
            finally:
                _BATCH.reset(token)

        return run

    def make_execute(original: Any) -> Callable[..., Any]:
        def execute(function: Any, event: Any) -> Any:
            result = original(function, event)
            batch = _BATCH.get()
            if batch is None or result.get("error") or _is_valid(result.get("body"), *batch):
                return result
            message = f"The response names no message of the batch: {result.get('body')!r}"
            return {
                **result,
                "error": True,
                "body": {"errorType": "InvalidBatchResponse", "errorMessage": message},
            }

        return execute

    shapes.replace(lambda_service, "_run_sqs_batch", "f9bf630aabf3", make_run)
    shapes.replace(lambda_service, "_execute_function", "3ceb16d6480a", make_execute)


def _is_valid(body: Any, mapping: dict[str, Any], message_ids: set[str]) -> bool:
    if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
        return True
    answer = json.loads(body) if isinstance(body, str) and body else body
    failures = cast("list[dict[str, Any]]", (answer or {}).get("batchItemFailures") or [])
    return all(failure.get("itemIdentifier") in message_ids for failure in failures)
