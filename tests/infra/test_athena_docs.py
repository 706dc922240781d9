"""docs/athena.md states what the code does, and reckons with the prices in the file."""

import re
from decimal import Decimal

import pytest

from analytics.price_file import load_prices
from analytics.schema import REPORTS, Origin
from analytics.statements import Parameters, Times, statement
from infra.glue_tables import OBJECTS, ROLLUPS
from infra.settings import Settings
from tests.infra.recording import ROOT
from thaw.core.prices import Rate

TEXT = (ROOT / "docs" / "athena.md").read_text("utf-8")
WORDS = " ".join(TEXT.split())
RECORD_BYTES, UNIT_BYTES = 400, 4096
RELATION = re.compile(r"^(?:WITH )?(\w+) AS \(\n(.*?)^\),?$", re.DOTALL | re.MULTILINE)
SCANS = re.findall(r"^\| `(\w+)` \| (\d+) \|$", TEXT, re.MULTILINE)
COSTS = re.findall(r"^\| (\d+) million \| ([\d.]+) GB \| ([\d,]+) \| \$([\d.]+) \|$", TEXT, re.MULTILINE)


def scans_of_objects(sql: str) -> int:
    """How often a statement reads `objects`: an engine puts a relation in wherever it is named."""
    plain = re.sub(r"--.*", "", sql)
    relations = dict(RELATION.findall(plain))
    body = RELATION.sub("", plain)

    def count(text: str) -> int:
        read = re.findall(r"\b(?:FROM|JOIN)\s+(\w+)", text)
        return sum(1 if name == "objects" else count(relations.get(name, "")) for name in read)

    return count(body)


def test_a_relation_that_is_named_twice_is_counted_twice() -> None:
    assert scans_of_objects("WITH a AS (\nSELECT x FROM objects\n)\nSELECT * FROM a JOIN a AS b ON TRUE") == 2


def test_the_scans_of_each_report_are_those_of_its_statement() -> None:
    parameters = Parameters(as_of=None, usd_per_gb_month=0.023)
    counted = {
        name: scans_of_objects(statement(name, Origin.OBJECTS, parameters, Times.TEXT))
        for name, report in REPORTS.items()
        if Origin.OBJECTS in report.origins
    }
    assert {name: int(scans) for name, scans in SCANS} == counted


@pytest.mark.parametrize(("millions", "gigabytes", "units", "dollars"), COSTS)
def test_the_cost_of_a_scan_is_reckoned_right(
    millions: str, gigabytes: str, units: str, dollars: str
) -> None:
    size = int(millions) * 10**6 * RECORD_BYTES
    assert Decimal(gigabytes) == Decimal(size) / 10**9
    read_units = size // UNIT_BYTES // 2
    assert abs(int(units.replace(",", "")) - read_units) <= 1
    rate = load_prices().region("us-east-1").rates[Rate.DYNAMODB_READ_PER_MILLION]
    assert Decimal(dollars) == (rate * read_units / 10**6).quantize(Decimal("0.01"))


def test_the_numbers_beside_the_tables_are_those_reckoned_with() -> None:
    assert len(COSTS) == 3
    rate = load_prices().region("us-east-1").rates[Rate.DYNAMODB_READ_PER_MILLION]
    assert f"records of {RECORD_BYTES} bytes" in WORDS
    assert f"${rate} per million read units (us-east-1" in WORDS


def test_the_limits_are_the_defaults() -> None:
    settings = Settings()
    assert f"`athena_scan_limit_mb` from the connector ({settings.athena_scan_limit_mb:,}, in MB" in WORDS
    assert f"runs at most `athena_max_concurrency` times at once ({settings.athena_max_concurrency})" in WORDS


def test_the_examples_name_declared_columns_only() -> None:
    declared = {column.name for column in (*OBJECTS, *ROLLUPS)}
    for sql in re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL):
        names = set(re.findall(r"\b[a-z_]+\b", re.sub(r"'[^']*'|AS \w+", "", sql)))
        aliases = set(re.findall(r"AS (\w+)", sql))
        assert names - aliases - {"count", "min", "max", "sum", "substr", "objects", "rollups"} <= declared, (
            sql
        )
