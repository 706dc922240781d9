"""How many requests a second Glacier takes before it throttles."""

from dataclasses import dataclass


@dataclass
class Pace:
    """A bucket that fills with `per_second` requests and holds those of one second; 0 for no limit."""

    per_second: float = 0.0
    _level: float = 0.0
    _looked: float = 0.0

    def allows(self, now: float) -> bool:
        """Whether one more request is taken now."""
        if self.per_second <= 0:
            return True
        filled = self._level + (now - self._looked) * self.per_second
        self._level, self._looked = min(max(self.per_second, 1.0), filled), now
        if self._level < 1:
            return False
        self._level -= 1
        return True
