"""Objects looked up in listings by ascending keys, in as few calls as can be.

A page answers for all keys between its beginning and its end, for those that are not there too. The next
page begins right before the key that is asked for: what lies between is not read.
"""

from collections.abc import Callable, Sequence

from thaw.core.keys import MAX_KEY_BYTES
from thaw.core.listing import Listed
from thaw.listing import Marker, Page

_HIGHEST = "\U0010ffff"
_SURROGATES = range(0xD800, 0xE000)
_FIRST_PRINTABLE = 0x20


class Lookup:
    """Answers for one bucket; `fetch` makes one call. Keys must be asked for in ascending order."""

    def __init__(self, fetch: Callable[[Marker], Page]) -> None:
        self._fetch = fetch
        self._begin: str | None = None
        self._page = Page([], 0, None)
        self._known: dict[str, list[Listed]] = {}
        self.calls = 0

    def find(self, key: str, calls: int) -> Sequence[Listed] | None:
        """What the bucket has of `key`: its versions, none if it is not there; None where finding out would
        take more than `calls` calls. Raises ClientError."""
        begin = before(key)
        while not self._covers(key):
            if calls < 1:
                return None
            calls -= 1
            self._turn(begin, key)
        return self._known.get(key, ())

    def _covers(self, key: str) -> bool:
        return self._begin is not None and self._begin < key and self._page.covers(key)

    def _turn(self, begin: str, key: str) -> None:
        """The page behind this one, or one that begins right before `key` if that is farther on."""
        following = self._page.next if self._begin is not None else None
        after = following if following and following.key >= begin else Marker(begin)
        earlier = self._known.get(key, []) if after.key == key else []
        self._page = self._fetch(after)
        self.calls += 1
        self._begin = begin
        self._known = {key: list(earlier)} if earlier else {}
        for item in self._page.items:
            self._known.setdefault(item.key, []).append(item)


def version_of(versions: Sequence[Listed], version_id: str) -> Listed | None:
    """Of the versions of a key the one that a manifest names. No version is the object itself in a listing
    without versions, and in one with versions that from before versioning, as S3 takes it."""
    return next((each for each in versions if each.id.version_id == version_id), None)


def before(key: str) -> str:
    """A text with hardly a key between itself and `key`, which it is before in S3's order (of UTF-8)."""
    last = ord(key[-1]) - 1
    if last < _FIRST_PRINTABLE:
        return key[:-1]
    last = _SURROGATES.start - 1 if last in _SURROGATES else last
    near = key[:-1] + chr(last)
    close = near + _HIGHEST
    return close if len(close.encode()) <= MAX_KEY_BYTES else near
