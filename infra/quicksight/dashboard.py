"""The QuickSight dashboard as code: the same views as the HTML page, and the objects to drill down into."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from infra.quicksight import visuals
from infra.quicksight.datasets import DATASETS, OBJECTS, dashed
from infra.quicksight.visuals import Table, Visual

FILTERS = {"job_id": "Job", "account_id": "Account", "region": "Region"}
"""Columns that sheets can be narrowed by, and what the control is called."""

_COLUMNS, _HALF, _FULL, _ROWS = 36, 18, 36, 12
"""QuickSight's grid is 36 columns wide:
https://docs.aws.amazon.com/quicksight/latest/APIReference/API_GridLayoutElement.html"""


class Sheet(NamedTuple):
    """One sheet: its visuals in reading order, each half of the sheet wide, or all of it.

    `narrowed_by`: the columns of FILTERS that its data sets have; a control of another would do nothing.
    """

    sheet_id: str
    name: str
    visuals: Sequence[tuple[int, Visual]]
    narrowed_by: Sequence[str] = tuple(FILTERS)


def definition(dataset_arns: Mapping[str, Any]) -> dict[str, Any]:
    """The DashboardVersionDefinition over these data sets, by their name in `DATASETS`.

    https://docs.aws.amazon.com/quicksight/latest/APIReference/API_DashboardVersionDefinition.html
    """
    return {
        "DataSetIdentifierDeclarations": [
            {"Identifier": name, "DataSetArn": dataset_arns[name]} for name in DATASETS
        ],
        "FilterGroups": [_filter_group(column, title) for column, title in FILTERS.items()],
        "Sheets": [_sheet(sheet) for sheet in sheets()],
    }


def sheets() -> list[Sheet]:
    """The sheets, in the order of their tabs."""
    return [_progress(), _durations(), _storage(), _attention(), _objects()]


def _progress() -> Sheet:
    table, hourly = _table("progress"), _table("progress_hourly")
    return Sheet(
        "progress",
        "Progress",
        [
            (_HALF, _bars("status-objects", "Objects by status", table, "job_id", "objects", "status")),
            (_HALF, _bars("status-bytes", "Bytes by status", table, "job_id", "bytes", "status")),
            (_FULL, visuals.lines("hourly", "Objects by hour (UTC)", hourly, by="hour", values=_HOURLY)),
            (_FULL, visuals.rows("forecast", "Forecast", _table("forecast"))),
            (_FULL, visuals.rows("progress-rows", "Progress", table)),
        ],
    )


_HOURLY = (
    "requested_objects",
    "completed_objects",
    "copied_objects",
    "failed_objects",
    "expired_objects",
)


def _durations() -> Sheet:
    histogram = _table("restore_duration_histogram")
    return Sheet(
        "durations",
        "Restore durations",
        [
            (
                _FULL,
                _bars(
                    "histogram",
                    "Objects by restore duration (from, seconds) and storage class",
                    histogram,
                    "from_seconds",
                    "objects",
                    "storage_class",
                ),
            ),
            (
                _FULL,
                visuals.rows(
                    "duration-rows", "Durations by storage class and tier", _table("restore_duration")
                ),
            ),
        ],
    )


def _storage() -> Sheet:
    table = _table("temporary_storage")
    return Sheet(
        "storage",
        "Temporary storage",
        [
            (
                _FULL,
                _bars("cost", "Cost of temporary copies by day (USD)", table, "day", "cost_usd", "job_id"),
            ),
            (
                _FULL,
                visuals.bars(
                    "waiting",
                    "Byte-seconds waiting for the copy, and idle after it",
                    table,
                    by="day",
                    values=["waiting_byte_seconds", "idle_byte_seconds"],
                ),
            ),
        ],
    )


def _attention() -> Sheet:
    table = _table("attention")
    return Sheet(
        "attention",
        "Attention",
        [
            (_FULL, _bars("reasons", "Objects by reason", table, "reason", "key", "job_id")),
            (_FULL, visuals.rows("attention-rows", "What needs attention", table)),
        ],
    )


def _objects() -> Sheet:
    table = _table(OBJECTS)
    return Sheet(
        "objects",
        "Objects",
        [
            (_FULL, _bars("object-status", "Objects by status", table, "status", "key", "storage_class")),
            (_FULL, visuals.rows("object-rows", "Objects", table)),
        ],
        narrowed_by=["job_id"],
    )


def _table(name: str) -> Table:
    return Table(name, DATASETS[name].columns)


def _bars(visual_id: str, title: str, table: Table, by: str, value: str, colors: str) -> Visual:
    return visuals.bars(visual_id, title, table, by=by, values=[value], colors=colors)


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {
        "SheetId": sheet.sheet_id,
        "Name": sheet.name,
        "ContentType": "INTERACTIVE",
        "Visuals": [dict(visual) for _, visual in sheet.visuals],
        "FilterControls": [
            {
                "CrossSheet": {
                    "FilterControlId": f"{sheet.sheet_id}-{dashed(column)}",
                    "SourceFilterId": _filter_id(column),
                }
            }
            for column in sheet.narrowed_by
        ],
        "Layouts": [{"Configuration": {"GridLayout": {"Elements": _elements(sheet)}}}],
    }


def _elements(sheet: Sheet) -> list[dict[str, Any]]:
    """The visuals in rows from the top, as many beside each other as fit."""
    elements: list[dict[str, Any]] = []
    column, row = 0, 0
    for width, visual in sheet.visuals:
        if column + width > _COLUMNS:
            column, row = 0, row + _ROWS
        elements.append(
            {
                "ElementId": next(iter(visual.values()))["VisualId"],
                "ElementType": "VISUAL",
                "ColumnIndex": column,
                "ColumnSpan": width,
                "RowIndex": row,
                "RowSpan": _ROWS,
            }
        )
        column += width
    return elements


def _filter_group(column: str, title: str) -> dict[str, Any]:
    """Keeps all values until somebody chooses; acts on every data set that has the column."""
    configuration = {
        "FilterListConfiguration": {
            "MatchOperator": "CONTAINS",
            "SelectAllOptions": "FILTER_ALL_VALUES",
            "NullOption": "ALL_VALUES",
        }
    }
    options = {"DefaultDropdownOptions": {"Type": "MULTI_SELECT"}}
    return {
        "FilterGroupId": f"{_filter_id(column)}-group",
        "CrossDataset": "ALL_DATASETS",
        "Status": "ENABLED",
        "ScopeConfiguration": {"AllSheets": {}},
        "Filters": [
            {
                "CategoryFilter": {
                    "FilterId": _filter_id(column),
                    "Column": {"DataSetIdentifier": "progress", "ColumnName": column},
                    "Configuration": configuration,
                    "DefaultFilterControlConfiguration": {"Title": title, "ControlOptions": options},
                }
            }
        ],
    }


def _filter_id(column: str) -> str:
    return f"by-{dashed(column)}"
