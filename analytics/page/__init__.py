"""The reports as one self-contained HTML page."""

from analytics.page.heading import Heading
from analytics.page.page import render

__all__ = ["Heading", "render"]
