"""The visuals of a QuickSight dashboard, in the words of its API: charts and tables over data set columns.

https://docs.aws.amazon.com/quicksight/latest/APIReference/API_DashboardVersionDefinition.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.schema import Column, Kind

Visual = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A data set by its identifier in the dashboard, and the columns it has."""

    name: str
    columns: tuple[Column, ...]

    def dimension(self, visual_id: str, name: str) -> dict[str, Any]:
        """A column to group by; times by the hour, days by the day."""
        field = self.field(visual_id, name)
        kind = self._kind(name)
        if kind is Kind.TEXT:
            return {"CategoricalDimensionField": field}
        if kind in (Kind.TIME, Kind.DAY):
            return {"DateDimensionField": field | {"DateGranularity": "HOUR" if kind is Kind.TIME else "DAY"}}
        return {"NumericalDimensionField": field}

    def total(self, visual_id: str, name: str) -> dict[str, Any]:
        """The sum of a column of numbers; of a column of text, the number of rows."""
        field = self.field(visual_id, name)
        if self._kind(name) is Kind.TEXT:
            return {"CategoricalMeasureField": field | {"AggregationFunction": "COUNT"}}
        return {
            "NumericalMeasureField": field | {"AggregationFunction": {"SimpleNumericalAggregation": "SUM"}}
        }

    def ascending(self, visual_id: str, name: str) -> dict[str, Any]:
        """To sort by a column of the visual, from the least."""
        return {"FieldSort": {"FieldId": self.field(visual_id, name)["FieldId"], "Direction": "ASC"}}

    def field(self, visual_id: str, name: str) -> dict[str, Any]:
        """A column as it is."""
        self._kind(name)
        column = {"DataSetIdentifier": self.name, "ColumnName": name}
        return {"FieldId": f"{visual_id}.{name}", "Column": column}

    def _kind(self, name: str) -> Kind:
        return next(column.kind for column in self.columns if column.name == name)


def bars(
    visual_id: str, title: str, table: Table, *, by: str, values: Sequence[str], colors: str = ""
) -> Visual:
    """Stacked bars of the sums of `values` for each `by`, in its order and not in that of the sums."""
    wells = {
        "Category": [table.dimension(visual_id, by)],
        "Values": [table.total(visual_id, name) for name in values],
        "Colors": [table.dimension(visual_id, colors)] if colors else [],
    }
    configuration = {
        "FieldWells": {"BarChartAggregatedFieldWells": wells},
        "SortConfiguration": {"CategorySort": [table.ascending(visual_id, by)]},
        "Orientation": "VERTICAL",
        "BarsArrangement": "STACKED",
    }
    return {"BarChartVisual": _head(visual_id, title) | {"ChartConfiguration": configuration}}


def lines(visual_id: str, title: str, table: Table, *, by: str, values: Sequence[str]) -> Visual:
    """A line for each of `values`, summed for each `by`."""
    wells = {
        "Category": [table.dimension(visual_id, by)],
        "Values": [table.total(visual_id, name) for name in values],
    }
    configuration = {
        "FieldWells": {"LineChartAggregatedFieldWells": wells},
        "SortConfiguration": {"CategorySort": [table.ascending(visual_id, by)]},
        "Type": "LINE",
    }
    return {"LineChartVisual": _head(visual_id, title) | {"ChartConfiguration": configuration}}


def rows(visual_id: str, title: str, table: Table) -> Visual:
    """All rows and columns, as they are."""
    values = [table.field(visual_id, column.name) for column in table.columns]
    wells = {"TableUnaggregatedFieldWells": {"Values": values}}
    return {"TableVisual": _head(visual_id, title) | {"ChartConfiguration": {"FieldWells": wells}}}


def _head(visual_id: str, title: str) -> dict[str, Any]:
    return {"VisualId": visual_id, "Title": {"Visibility": "VISIBLE", "FormatText": {"PlainText": title}}}
