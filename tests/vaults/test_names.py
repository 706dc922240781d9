"""Names of archives: what their descriptions say, made keys that S3 and everybody's programs take."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vaults.described import NAMED, archive_id, base64_of, row, rows_of, utf7
from tests.vaults.planned import plan
from thaw.vaults.planning_sql import UNNAMED, PlanParameters

PREFIXES = ("", "in/", "p" * 500 + "/", "ä/" * 100)


def test_every_format_of_a_description_gives_its_name() -> None:
    made = plan([row(number, description) for number, (description, _) in enumerate(NAMED)])
    suffixes = {archive_id(number): number for number in range(len(NAMED))}
    found = {suffixes[each.archive_id]: each for each in made.rows}
    assert len(found) == len(NAMED)
    for number, (description, name) in enumerate(NAMED):
        each = found[number]
        if name == "":
            assert each.key == f"{UNNAMED}{each.archive_id}", description
            assert each.unnamed, description
        elif sum(other == name for _, other in NAMED) == 1:
            assert each.key == name, description
        assert each.description == description, "the description itself is kept as it is"


@given(st.lists(st.text(max_size=40), min_size=1, max_size=20))
@settings(max_examples=6, deadline=None)
def test_what_an_uploader_has_encoded_is_decoded(paths: list[str]) -> None:
    kept = [path for path in paths if path.isprintable() and path.strip("/\\ ") and _lasts(path)]
    rows = [row(3 * at, f"<m><v>4</v><p>{base64_of(path)}</p></m>") for at, path in enumerate(kept)]
    rows += [row(3 * at + 1, json.dumps({"Path": path})) for at, path in enumerate(kept) if "+" not in path]
    rows += [row(3 * at + 2, json.dumps({"Path": utf7(path)})) for at, path in enumerate(kept)]
    made = plan(rows)
    names: dict[int, set[str]] = {}
    numbers = {archive_id(number): number // 3 for number in range(3 * len(kept))}
    for each in made.rows:
        names.setdefault(numbers[each.archive_id], set()).add(_unsuffixed(each.key))
    assert all(len(found) == 1 for found in names.values()), "one path is one name, however it was written"


def _lasts(path: str) -> bool:
    """Names whose suffix can be told from them."""
    return not any(mark in path for mark in ("-", "\ufffd", ".")) and path == path.strip()


def _unsuffixed(key: str) -> str:
    return key.rpartition("-")[0] if "-" in key else key


ANY_NAME = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="/\\. ab", max_size=30),
    st.text(alphabet="ä😀x.", min_size=300, max_size=1100),
    st.text(alphabet=st.characters(categories=["Cc", "Zs", "Lu"]), max_size=20),
)


@given(st.lists(ANY_NAME, min_size=1, max_size=25), st.sampled_from(PREFIXES))
@settings(max_examples=10, deadline=None)
def test_every_key_is_one_that_s3_takes_and_there_is_none_twice(names: list[str], prefix: str) -> None:
    coded = [f"<m><p>{base64.b64encode(name.encode('utf-8', 'replace')).decode()}</p></m>" for name in names]
    made = plan(
        [row(number, text) for number, text in enumerate([*coded, *coded[:3]])], PlanParameters(prefix)
    )
    keys = [each.key for each in made.rows]
    assert len(keys) == len(names) + len(coded[:3])
    assert len(set(keys)) == len(keys)
    for key in keys:
        assert key.startswith(prefix)
        name = key.removeprefix(prefix)
        assert len(key.encode()) <= 1024
        assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in name), name
        assert not {"", ".", ".."} & set(name.split("/")), name


def test_a_name_that_is_too_long_is_cut_between_characters_and_keeps_its_ending() -> None:
    name = "ä" * 700 + ".jpg"
    made = plan([row(1, f"<m><p>{base64_of(name)}</p></m>")], PlanParameters("in/"))
    [only] = made.rows
    assert only.key.startswith("in/" + "ä" * 400)
    assert only.key.endswith(".jpg")
    assert len(only.key.encode()) <= 1024
    assert "\ufffd" not in only.key
    assert only.renamed


def test_names_that_are_alike_up_to_where_they_are_cut_stay_apart() -> None:
    made = plan([row(number, "n" * 1000 + str(number)) for number in range(5)])
    assert len(set(made.keys.values())) == 5


@pytest.mark.parametrize(
    ("name", "suffixed"),
    [("photo.jpg", "photo-{}.jpg"), ("photo", "photo-{}"), (".bashrc", ".bashrc-{}"), ("a.b/c", "a.b/c-{}")],
)
def test_the_oldest_keeps_the_name_and_the_others_get_a_suffix_before_the_ending(
    name: str, suffixed: str
) -> None:
    made = plan(rows_of([name, name, name]))
    first, *others = made.rows
    assert (first.key, first.renamed) == (name, False)
    for other in others:
        shape = suffixed.split("{}")
        assert other.key.startswith(shape[0])
        assert other.key.endswith(shape[1])
        assert len(other.key) == len(name) + 13
        assert other.renamed
    assert len({each.key for each in made.rows}) == 3


@pytest.mark.parametrize("path", ["c:\\temp\\new\\x.txt", "c:\\photos", "plain/b.txt"])
def test_a_path_in_json_is_read_whether_the_inventory_escapes_backslashes_or_not(path: str) -> None:
    description = json.dumps({"Path": path})
    quotes_only = '"' + description.replace('"', '\\"') + '"'
    [escaped] = plan([row(1, description)]).rows
    tail = f"2012-05-15T17:19:46Z,5,{'b' * 64}"
    [not_escaped] = plan(f"{archive_id(1)},{quotes_only},{tail}\n").rows
    assert escaped.key == not_escaped.key == path.replace("\\", "/").lstrip("/")
    assert escaped.description == description
