"""What loading a part of a job came to, as its file says it; and the sum of all parts."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from thaw.core.errors import ThawError
from thaw.core.job_states import Loaded
from thaw.core.jobs import Totals


class LoadedPartError(ThawError):
    """A file of the folder loaded/ that is none of ours."""


_COUNTS = (
    *("objects", "size_bytes", "requests", "requests_bytes"),
    *("readable", "restoring", "copied", "elsewhere"),
)


def loaded_to_json(loaded: Loaded) -> str:
    """One part as JSON text, the same for the same counts."""
    return json.dumps(asdict(loaded), sort_keys=True)


def loaded_from_json(text: str | bytes) -> Loaded:
    """The inverse of `loaded_to_json`. Raises LoadedPartError."""
    try:
        fields: dict[str, Any] = json.loads(text)
        by_class = {name: Totals(*pair) for name, pair in fields.pop("by_storage_class").items()}
        return Loaded(**fields, by_storage_class=by_class)
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise LoadedPartError(
            f"What a part of a job came to cannot be read ({exc!r}): load the part again."
        ) from exc


def sum_loaded(parts: Iterable[Loaded]) -> Loaded:
    """What all `parts` came to together."""
    counts: Counter[str] = Counter()
    objects: Counter[str] = Counter()
    size_bytes: Counter[str] = Counter()
    elsewhere: Counter[str] = Counter()
    for part in parts:
        counts.update({name: getattr(part, name) for name in _COUNTS})
        elsewhere.update(part.elsewhere_jobs)
        for name, totals in part.by_storage_class.items():
            objects[name] += totals.objects
            size_bytes[name] += totals.size_bytes
    return Loaded(
        **{name: counts[name] for name in _COUNTS},
        by_storage_class={name: Totals(objects[name], size_bytes[name]) for name in sorted(objects)},
        elsewhere_jobs=dict(sorted(elsewhere.items())),
    )
