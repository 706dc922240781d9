r"""The SQL that makes a plan of an inventory: one text, which DuckDB and Athena (Trino) both take.

It reads the relations `inventory_lines` (line: of the CSV), `overrides` (archive_id, name), `former`
(archive_id, key: of the plan before) and `existing` (key: in the destination). A relation reads those before
it. DuckDB takes Trino's function names by `DUCKDB_MACROS`.

What is not portable is avoided: lambdas, look-aheads, escapes in literals. A row is found by its ends, which
hold no comma, so that no quote in a description can shift its columns. `chr(1)` and `chr(2)` stand for an
escaped backslash and quote meanwhile: a description is printable ASCII
(https://docs.aws.amazon.com/amazonglacier/latest/dev/api-archive-post.html). Nobody documents whether an
inventory escapes a backslash: it is read as if it did, and a path in JSON, where that matters, `otherwise` if
need be.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from thaw.core.archive_parts import MAX_ARCHIVE_BYTES
from thaw.core.keys import MAX_KEY_BYTES

UNNAMED = "unnamed/"
"""Before the archive id, which is the name of an archive whose description gives none."""

_ROW = (
    r"^[A-Za-z0-9_-]{1,256},[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](?:\.[0-9]{1,9})?Z,"
    r"[0-9]{1,15},[0-9A-Fa-f]{64}$"
)
"""Of a row: its archive id, time, size and tree hash, each after a comma."""

_TAIL_CHARACTERS = 130
"""More than the last three fields of a row have."""

_XML = r"<(?:m|ArchiveMetadata)>.*</(?:m|ArchiveMetadata)>"
_XML_PATH = r"<(?:m|ArchiveMetadata)>.*<(?:p|Path)>\s*([^<]*[^<\s])\s*</(?:p|Path)>"
_BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2,3})?$"
_UTF7_PIECE = r"\+([A-Za-z0-9+/]*)-"
_UTF7 = (
    r"^[^+]*(?:\+(?:(?:[A-Za-z0-9+/]{8})*"
    r"(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]|[A-Za-z0-9+/]{5}[AQgw]|[A-Za-z0-9+/]{8}))?-[^+]*)+$"
)
"""As .NET writes it: each run is ended by a minus, and holds whole UTF-16 units."""

_UTF16 = r"^(?:(?:[0-9A-CEF][0-9A-F]|D[0-7])[0-9A-F]{2}|D[89AB][0-9A-F]{2}D[C-F][0-9A-F]{2})+$"
"""Of the digits of UTF-16 units: none is half a pair."""

_BAND = (
    "CASE WHEN reason = '' THEN substr(created_at, 1, 13) ELSE reason || ' ' || substr(archive_id, 1, 2) END"
)
"""Rows of one hour, or those left out for one reason whose ids begin alike: so many that one machine can sort
them, while another sorts the next. Bands are in the order of their rows."""

_ORDER = "ORDER BY CASE WHEN reason = '' THEN created_at ELSE reason END, archive_id, nth, line"

_SUFFIX_BYTES = 1 + 64
_EXTENSION = r"[^/](\.[A-Za-z0-9]{1,15})$"
_EXTENSION_BYTES = 16


@dataclass(frozen=True)
class PlanParameters:
    """What of an inventory is planned, and below which prefix; the filters are as in VaultRequest."""

    prefix: str = ""
    created_from: str = ""
    created_before: str = ""
    min_size_bytes: int | None = None
    max_size_bytes: int | None = None
    name_pattern: str = ""


def relations(parameters: PlanParameters, *, in_bands: bool = False) -> dict[str, str]:
    """Each relation with its SELECT, in order; the last, `planned`, has a row for each of the inventory:

    ordinal (from 1; from -1 down for those that are not transferred, `reason` says why), archive_id, key,
    size_bytes, created_at, sha256_tree_hash, description, already (whether an object is at the key), renamed,
    unnamed, reason, line (of what is no archive). `in_bands` no machine sorts all rows; the order is the
    same.
    """
    room = MAX_KEY_BYTES - len(parameters.prefix.encode())
    values = {
        "prefix": quoted(parameters.prefix),
        "most_bytes": str(room - _SUFFIX_BYTES),
        "head_bytes": str(room - _SUFFIX_BYTES - _EXTENSION_BYTES),
        "filters": _filters(parameters),
        **_CONSTANTS,
    }
    texts = {
        "inventory_rows": _INVENTORY_ROWS,
        "described": _DESCRIBED,
        "single": _SINGLE,
        "found": _FOUND,
        "utf7_pieces": _UTF7_PIECES,
        "decoded": _DECODED,
        "chosen": _CHOSEN,
        "cleaned": _CLEANED,
        "fitted": _FITTED,
        "preferred": _PREFERRED,
        "suffixed": _SUFFIXED,
        "lengthened": _LENGTHENED,
        "keyed": _KEYED,
        "judged": _JUDGED,
        **({"bands": _BANDS, "numbered": _NUMBERED_IN_BANDS} if in_bands else {"numbered": _NUMBERED}),
        "planned": _PLANNED,
    }
    return {name: _filled(text, values) for name, text in texts.items()}


def with_query(parameters: PlanParameters, *, in_bands: bool = False) -> str:
    """All of it as one SELECT of the rows of `planned`, without a semicolon."""
    *first, last = relations(parameters, in_bands=in_bands).items()
    named = ",\n".join(f"{name} AS (\n{text}\n)" for name, text in first)
    return f"WITH {named}\n{last[1]}"


def quoted(text: str) -> str:
    """A string literal of both engines."""
    return "'" + text.replace("'", "''") + "'"


def _filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with `{name}` replaced; other braces, as regular expressions have them, stay."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _filters(parameters: PlanParameters) -> str:
    """Branches of a CASE: what does not pass, and why."""
    low, high, pattern = parameters.min_size_bytes, parameters.max_size_bytes, parameters.name_pattern
    branches = (
        ("created_at < " + quoted(parameters.created_from), "FilteredByDate", parameters.created_from != ""),
        (
            "created_at >= " + quoted(parameters.created_before),
            "FilteredByDate",
            parameters.created_before != "",
        ),
        (f"size_bytes < {low}", "FilteredBySize", low is not None),
        (f"size_bytes > {high}", "FilteredBySize", high is not None),
        (f"name NOT LIKE {quoted(_like(pattern))} ESCAPE '!'", "FilteredByName", pattern != ""),
    )
    return "".join(f"        WHEN {condition} THEN '{why}'\n" for condition, why, asked in branches if asked)


def _like(pattern: str) -> str:
    """A pattern of a shell, `*` and `?`, as LIKE has it."""
    escaped = pattern.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return escaped.replace("*", "%").replace("?", "_")


_CONSTANTS = {
    "row": _ROW,
    "tail": str(_TAIL_CHARACTERS),
    "xml": _XML,
    "xml_path": _XML_PATH,
    "base64": _BASE64,
    "utf16": _UTF16,
    "utf7": _UTF7,
    "utf7_piece": _UTF7_PIECE,
    "extension": _EXTENSION,
    "band": _BAND,
    "order": _ORDER,
    "unnamed": UNNAMED,
    "most": str(MAX_ARCHIVE_BYTES),
}

_INVENTORY_ROWS = """SELECT
    line, first, text,
    coalesce(element_at(tail, -3), '') AS created,
    coalesce(element_at(tail, -2), '') AS size,
    coalesce(element_at(tail, -1), '') AS tree_hash
FROM (
    SELECT
        line, text,
        split_part(text, ',', 1) AS first,
        split(substr(text, greatest(1, length(text) - {tail})), ',') AS tail
    FROM (SELECT line, replace(line, chr(13), '') AS text FROM inventory_lines) AS cut
    WHERE length(trim(text)) > 0 AND text NOT LIKE 'ArchiveId,%' AND text NOT LIKE '"ArchiveId",%'
) AS fields"""

_DESCRIBED = r"""SELECT
    line, archive_id,
    CASE
        WHEN archive_id = '' THEN ''
        WHEN length(written) > 1 AND substr(written, 1, 1) = '"' AND substr(written, length(written), 1) = '"'
        THEN replace(replace(replace(replace(replace(
            substr(written, 2, length(written) - 2),
            '\\', chr(1)), '\"', chr(2)), '""', '"'), chr(2), '"'), chr(1), '\')
        ELSE written
    END AS description,
    CASE WHEN archive_id <> '' AND strpos(written, '\\') > 0
    THEN replace(substr(written, 2, greatest(0, length(written) - 2)), '\"', '"') ELSE '' END AS otherwise,
    CASE WHEN archive_id = '' THEN '' ELSE
        substr(created, 1, 19) || '.' || substr(replace(substr(created, 21), 'Z', '') || '000', 1, 3) || 'Z'
    END AS created_at,
    CAST(CASE WHEN archive_id = '' THEN '0' ELSE size END AS bigint) AS size_bytes,
    lower(tree_hash) AS sha256_tree_hash
FROM (
    SELECT
        line, created, size, tree_hash,
        CASE WHEN regexp_like(id || ',' || created || ',' || size || ',' || tree_hash, '{row}')
        THEN id ELSE '' END AS archive_id,
        written
    FROM (
        SELECT
            line,
            replace(first, '"', '') AS id,
            replace(created, '"', '') AS created,
            replace(size, '"', '') AS size,
            replace(tree_hash, '"', '') AS tree_hash,
            substr(text, length(first) + 2, greatest(0, length(text) - length(first) - length(created)
                - length(size) - length(tree_hash) - 4)) AS written
        FROM inventory_rows
    ) AS unquoted
) AS checked"""

_SINGLE = """SELECT
    *,
    row_number() OVER (
        PARTITION BY archive_id ORDER BY created_at, size_bytes, sha256_tree_hash, description, line
    ) AS nth
FROM described
WHERE archive_id <> ''"""

_FOUND = r"""SELECT
    archive_id, created_at, kind,
    CASE kind
        WHEN 'xml' THEN
            CASE WHEN encoded <> '' AND regexp_like(encoded, '{base64}')
            THEN from_utf8(from_base64(encoded || substr('===', 1, (4 - length(encoded) % 4) % 4)))
            ELSE '' END
        WHEN 'json' THEN
            CASE WHEN NOT regexp_like(coalesce(path, chr(0)), '\p{Cc}') THEN path
            ELSE coalesce(other_path, path, '') END
        ELSE plain
    END AS name
FROM (
    SELECT
        archive_id, created_at, kind, encoded, plain,
        CASE WHEN kind = 'json' THEN
            coalesce(json_extract_scalar(plain, '$.Path'), json_extract_scalar(plain, '$.path'))
        END AS path,
        CASE WHEN kind = 'json' THEN
            coalesce(json_extract_scalar(otherwise, '$.Path'), json_extract_scalar(otherwise, '$.path'))
        END AS other_path
FROM (
    SELECT
        archive_id, created_at, kind, otherwise,
        coalesce(regexp_replace(regexp_extract(text, '{xml_path}', 1), '[\s=]', ''), '') AS encoded,
        CASE WHEN kind = 'json' AND regexp_like(text, '^[{]\s*\\"')
        THEN replace(replace(replace(text, '\\', chr(1)), '\"', '"'), chr(1), '\')
        ELSE text END AS plain
    FROM (
        SELECT
            archive_id, created_at, otherwise, trim(description) AS text,
            CASE
                WHEN strpos(description, '<') > 0 AND regexp_like(description, '{xml}') THEN 'xml'
                WHEN strpos(description, '{') > 0 AND regexp_like(description, '^\s*[{]\s*\\?".*[}]\s*$')
                THEN 'json'
                ELSE 'text'
            END AS kind
        FROM single
        WHERE nth = 1
    ) AS kinds
) AS texts
) AS read"""

_UTF7_PIECES = """SELECT
    archive_id, place, element_at(texts, place) AS before, element_at(pieces, place) AS piece
FROM (
    SELECT
        archive_id,
        regexp_split(name, '{utf7_piece}') AS texts,
        regexp_extract_all(name, '{utf7_piece}', 1) AS pieces
    FROM found
    WHERE kind = 'json' AND regexp_like(name, '{utf7}')
) AS split
CROSS JOIN UNNEST(sequence(1, cardinality(texts))) AS places (place)"""

_DECODED = r"""SELECT
    archive_id,
    array_join(array_agg(before || CASE
        WHEN units IS NULL THEN ''
        WHEN units = '' THEN '+'
        WHEN NOT regexp_like(units, '{utf16}') THEN chr(65533)
        ELSE json_extract_scalar(
            '"\u' || array_join(regexp_extract_all(units, '[0-9A-F]{4}'), '\u') || '"', '$')
    END ORDER BY place), '') AS name
FROM (
    SELECT
        archive_id, place, before,
        to_hex(from_base64(piece || substr('===', 1, (4 - length(piece) % 4) % 4))) AS units
    FROM utf7_pieces
) AS coded
GROUP BY archive_id"""

_CHOSEN = r"""SELECT
    archive_id, created_at, overridden,
    CASE WHEN strpos(name, chr(65533)) > 0 THEN '' ELSE trim(replace(name, '\', '/')) END AS name
FROM (
    SELECT
        found.archive_id, found.created_at, overrides.name IS NOT NULL AS overridden,
        coalesce(overrides.name, decoded.name, found.name) AS name
    FROM found
    LEFT JOIN overrides ON overrides.archive_id = found.archive_id
    LEFT JOIN decoded ON decoded.archive_id = found.archive_id
) AS names"""

_CLEANED = r"""SELECT
    archive_id, created_at, overridden,
    CASE WHEN length(slashed) < 3 THEN '' ELSE substr(slashed, 2, length(slashed) - 2) END AS name,
    trim(BOTH '/' FROM name) AS read
FROM (
    SELECT
        archive_id, created_at, overridden, name,
        regexp_replace(replace(replace(
            '/' || replace(regexp_replace(name, '\p{Cc}', '_'), '/', '//') || '/',
            '/../', '/__/'), '/./', '/_/'), '/+', '/') AS slashed
    FROM chosen
) AS segments"""

_FITTED = """SELECT
    archive_id, created_at, overridden, changed, unnamed, long, extension,
    CASE WHEN NOT long THEN stem ELSE from_utf8(from_hex(substr(digits, 1, 2 * CASE
        WHEN substr(digits, 2 * {head_bytes} + 1, 1) NOT IN ('8', '9', 'A', 'B') THEN {head_bytes}
        WHEN substr(digits, 2 * {head_bytes} - 1, 1) NOT IN ('8', '9', 'A', 'B') THEN {head_bytes} - 1
        WHEN substr(digits, 2 * {head_bytes} - 3, 1) NOT IN ('8', '9', 'A', 'B') THEN {head_bytes} - 2
        ELSE {head_bytes} - 3
    END))) END AS stem
FROM (
    SELECT
        archive_id, created_at, overridden, changed, unnamed, extension,
        substr(name, 1, length(name) - length(extension)) AS stem,
        to_hex(to_utf8(substr(name, 1, length(name) - length(extension)))) AS digits,
        length(to_hex(to_utf8(name))) > 2 * {most_bytes} AS long
    FROM (
        SELECT
            archive_id, created_at, overridden,
            name <> '' AND name <> read AS changed,
            name = '' AS unnamed,
            CASE WHEN name = '' THEN '{unnamed}' || archive_id ELSE name END AS name,
            coalesce(regexp_extract(name, '{extension}', 1), '') AS extension
        FROM cleaned
    ) AS named
) AS measured"""

_PREFERRED = """SELECT
    fitted.archive_id, changed, unnamed, long, stem, extension,
    coalesce(former.key, {prefix} || stem || extension) AS wanted,
    former.key IS NOT NULL AS kept,
    row_number() OVER (
        PARTITION BY coalesce(former.key, {prefix} || stem || extension)
        ORDER BY
            CASE WHEN former.key IS NULL THEN 1 ELSE 0 END,
            CASE WHEN overridden THEN 0 ELSE 1 END,
            CASE WHEN long THEN 1 ELSE 0 END,
            created_at,
            fitted.archive_id
    ) AS place
FROM fitted
LEFT JOIN former ON former.archive_id = fitted.archive_id"""

_SUFFIXED = """SELECT
    archive_id, changed, unnamed, stem, extension, kept, digest, added,
    CASE WHEN added THEN {prefix} || stem || '-' || substr(digest, 1, 12) || extension ELSE wanted END AS key
FROM (
    SELECT
        *,
        NOT kept AND (long OR place > 1) AS added,
        CASE WHEN long OR place > 1 THEN lower(to_hex(sha256(to_utf8(archive_id)))) END AS digest
    FROM preferred
) AS digested"""

_LENGTHENED = """SELECT
    archive_id, changed, unnamed, stem || extension AS name, kept, added,
    CASE WHEN added AND times > 1 THEN {prefix} || stem || '-' || digest || extension ELSE key END AS key
FROM (SELECT *, count(*) OVER (PARTITION BY key) AS times FROM suffixed) AS counted"""

_KEYED = """SELECT
    archive_id, unnamed, name, key,
    NOT kept AND (changed OR added) AS renamed,
    row_number() OVER (
        PARTITION BY key
        ORDER BY CASE WHEN kept THEN 0 WHEN NOT added THEN 1 ELSE 2 END, archive_id
    ) AS place
FROM lengthened"""

_JUDGED = """SELECT
    '' AS line, single.nth, single.archive_id, single.description, single.created_at, single.size_bytes,
    single.sha256_tree_hash, keyed.key, keyed.unnamed, keyed.renamed,
    CASE
        WHEN single.nth > 1 THEN 'DuplicateId'
        WHEN single.size_bytes > {most} THEN 'TooLarge'
        WHEN keyed.place > 1 THEN 'KeyNotUnique'
{filters}        ELSE ''
    END AS reason
FROM single
JOIN keyed ON keyed.archive_id = single.archive_id
UNION ALL
SELECT line, 1, '', '', '', 0, '', '', false, false, 'NotAnArchive'
FROM described
WHERE archive_id = ''"""

_BANDS = """SELECT
    band,
    CAST(coalesce(sum(members) OVER (
        PARTITION BY wanted ORDER BY band ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS bigint) AS before
FROM (
    SELECT reason = '' AS wanted, {band} AS band, count(*) AS members FROM judged GROUP BY 1, 2
) AS counted"""

_NUMBERED = """SELECT *, row_number() OVER (PARTITION BY reason = '' {order}) AS place FROM judged"""

_NUMBERED_IN_BANDS = """SELECT places.*, bands.before + within AS place
FROM (
    SELECT *, row_number() OVER (PARTITION BY band {order}) AS within
    FROM (SELECT *, {band} AS band FROM judged) AS banded
) AS places
JOIN bands ON bands.band = places.band"""

_PLANNED = """SELECT
    CASE WHEN reason = '' THEN place ELSE -place END AS ordinal,
    archive_id, numbered.key, size_bytes, created_at, sha256_tree_hash, description,
    existing.key IS NOT NULL AS already,
    renamed, unnamed, reason, line
FROM numbered
LEFT JOIN existing ON existing.key = numbered.key"""

DUCKDB_MACROS = (
    "regexp_like(text, pattern) AS regexp_matches(text, pattern)",
    "regexp_replace(text, pattern, instead) AS system.main.regexp_replace(text, pattern, instead, 'g')",
    "regexp_split(text, pattern) AS regexp_split_to_array(text, pattern)",
    "array_join(texts, between) AS array_to_string(texts, between)",
    "element_at(items, place) AS list_extract(items, place)",
    "cardinality(items) AS len(items)",
    "sequence(first, final) AS generate_series(first, final)",
    "to_utf8(text) AS encode(text)",
    "from_utf8(bytes) AS coalesce(try(decode(bytes)), chr(65533))",
    "from_hex(digits) AS unhex(digits)",
    "sha256(bytes) AS unhex(system.main.sha256(bytes))",
    "json_extract_scalar(text, path) AS CASE WHEN json_valid(text) THEN json_extract_string(text, path) END",
)
"""The functions of Trino that DuckDB calls otherwise."""
