"""From a copy back to its source: which tracked object a newly created one may be the copy of."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from thaw.core.errors import CopyRuleError


@dataclass(frozen=True)
class CopyRule:
    """Objects under `source_bucket/source_prefix` are copied to `destination_bucket/destination_prefix`,
    the rest of the key staying the same. Prefixes may be empty."""

    source_bucket: str
    source_prefix: str
    destination_bucket: str
    destination_prefix: str

    def __post_init__(self) -> None:
        if not all(isinstance(value, str) for value in vars(self).values()):
            raise CopyRuleError(f"The fields of a copy rule are texts, a prefix may be empty: {self}.")
        if not self.source_bucket or not self.destination_bucket:
            raise CopyRuleError(f"A copy rule needs a source_bucket and a destination_bucket: {self}.")


def parse_rules(rules: Iterable[Mapping[str, str]]) -> tuple[CopyRule, ...]:
    """Copy rules from plain mappings (stack config, JSON). Raises CopyRuleError for a wrong field."""
    try:
        return tuple(CopyRule(**rule) for rule in rules)
    except TypeError as exc:
        fields = "source_bucket, source_prefix, destination_bucket and destination_prefix"
        raise CopyRuleError(f"A copy rule has exactly {fields}: {exc}.") from exc


def sources(rules: Iterable[CopyRule], bucket: str, key: str) -> Iterator[tuple[str, str]]:
    """The (bucket, key) that an object created at `bucket`/`key` may be a copy of, likeliest first.

    The rules come first, in their order; a copy in place, onto its own source, is always possible.
    """
    for rule in rules:
        if rule.destination_bucket == bucket and key.startswith(rule.destination_prefix):
            source = rule.source_prefix + key[len(rule.destination_prefix) :]
            if source and (rule.source_bucket, source) != (bucket, key):
                yield rule.source_bucket, source
    yield bucket, key
