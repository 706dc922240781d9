"""Hypothesis draws the same examples in every run; `--hypothesis-profile=default` explores further ones."""

from hypothesis import settings

settings.register_profile("thaw", derandomize=True, deadline=None, database=None)
settings.load_profile("thaw")
