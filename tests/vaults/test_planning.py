"""Plans: every row of an inventory is in them once, under a key that stays, whatever else is asked."""

import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vaults.described import NAMED, archive_id, inventory, row, rows_of
from tests.vaults.planned import plan
from thaw.core.vault_plans import Exclusion
from thaw.vaults.errors import PlanRefusedError
from thaw.vaults.planning_sql import PlanParameters

FEW_NAMES = st.lists(st.sampled_from(["a", "a.txt", "b/c", "", "a-x", "é"]), min_size=1, max_size=15)


def digest(number: int) -> str:
    return hashlib.sha256(archive_id(number).encode()).hexdigest()


@given(FEW_NAMES, st.randoms(use_true_random=False))
@settings(max_examples=6, deadline=None)
def test_the_plan_does_not_depend_on_the_order_of_the_inventory(
    names: list[str], chance: random.Random
) -> None:
    rows = rows_of(names)
    shuffled = chance.sample(rows, len(rows))
    assert plan(rows).rows == plan(shuffled).rows


@given(FEW_NAMES, st.integers(0, 15))
@settings(max_examples=6, deadline=None)
def test_keys_do_not_depend_on_what_is_left_out(names: list[str], since: int) -> None:
    whole = plan(rows_of(names)).keys
    part = plan(rows_of(names), PlanParameters(created_from=f"2012-05-15T00:00:{since:02}.000Z"))
    assert len(part.rows) + len(part.excluded) == len(names)
    assert part.keys.items() <= whole.items()


@given(FEW_NAMES, FEW_NAMES)
@settings(max_examples=6, deadline=None)
def test_archives_of_the_former_plan_keep_their_keys_whatever_comes_and_goes(
    names: list[str], more: list[str]
) -> None:
    old = rows_of(names)
    former = plan(old, PlanParameters("in/")).keys
    older = [row(1000 + number, name, "2001-01-01T00:00:00Z") for number, name in enumerate(more)]
    made = plan([*older, *old[1:]], PlanParameters("in/"), former=[former])
    assert {archive: made.keys[archive] for archive in former if archive in made.keys} == {
        archive: key for archive, key in former.items() if archive != old[0]["ArchiveId"]
    }
    assert len(set(made.keys.values())) == len(made.rows) == len(older) + len(old) - 1


def test_the_latest_of_several_former_plans_tells_the_key() -> None:
    [archive] = [archive_id(0)]
    made = plan(rows_of(["a"]), former=[{archive: "new"}, {archive: "old", archive_id(1): "b"}])
    assert made.keys == {archive: "new"}


def test_archives_come_in_the_order_of_their_creation_and_then_of_their_ids() -> None:
    rows = [row(number, f"n{number}", f"2012-05-15T17:19:4{number % 3}Z") for number in range(9)]
    made = plan(rows)
    assert [(each.created_at, each.archive_id) for each in made.rows] == sorted(
        (each.created_at, each.archive_id) for each in made.rows
    )
    assert [each.ordinal for each in made.rows] == list(range(1, 10))


def test_a_suffix_that_collides_with_a_name_is_made_longer() -> None:
    """The eighth failure of the published system."""
    taken = f"a-{digest(1)[:12]}"
    made = plan(rows_of(["a", "a", taken]))
    assert made.keys == {
        archive_id(0): "a",
        archive_id(1): f"a-{digest(1)}",
        archive_id(2): taken,
    }


def test_two_archives_never_get_one_key_even_if_somebody_tries() -> None:
    names = ["a", "a", f"a-{digest(1)[:12]}", f"a-{digest(1)}"]
    made = plan(rows_of(names))
    assert len(set(made.keys.values())) == len(made.rows) == 3
    assert made.figures.excluded == {Exclusion.KEY_NOT_UNIQUE: 1}
    assert made.keys[archive_id(3)] == names[3], "the name that an archive has is its own"


def test_names_that_are_given_come_before_keys_are_made_unique() -> None:
    """The seventh: overrides after de-duplication give two archives one key."""
    made = plan(
        rows_of(["a", "b", "c"]), names={archive_id(1): "a", archive_id(2): "x\\..\\é", archive_id(9): "none"}
    )
    assert made.keys[archive_id(1)] == "a", "what somebody wants goes before what a description tells"
    assert made.keys[archive_id(0)] == f"a-{digest(0)[:12]}"
    assert made.keys[archive_id(2)] == "x/__/é", "a name that is given is made valid, too"
    assert made.figures.unused_names == 1


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ({"AAA": ""}, "archive 'AAA' has no name beside it"),
        ("AAA,x\nAAA,y\n", "archive 'AAA' is named 2 times"),
        ('AAA,"x\n', "cannot be read"),
    ],
)
def test_names_that_cannot_be_used_are_refused(names: dict[str, str] | str, told: str) -> None:
    with pytest.raises(PlanRefusedError, match=told):
        plan(rows_of(["a"]), names=names)


def test_what_is_left_out_has_a_reason_and_nothing_is_lost() -> None:
    rows = [
        row(0, "kept.txt"),
        row(1, "old.txt", "2011-12-31T23:59:59.999Z"),
        row(2, "new.txt", "2013-01-01T00:00:00Z"),
        row(3, "small.txt", size=9),
        row(4, "large.txt", size=101),
        row(5, "other.jpg"),
        row(6, "TooLarge.txt", size=10**14),
        row(0, "kept.txt"),
    ]
    text = inventory([each | ({"Size": 10} if each["Size"] == 1 else {}) for each in rows])
    asked = PlanParameters("in/", "2012-01-01T00:00:00.000Z", "2013-01-01T00:00:00.000Z", 10, 100, "*.t?t")
    made = plan(text + "no row of an inventory\n" + "\n", asked)
    assert [each.key for each in made.rows] == ["in/kept.txt"]
    assert {(each.reason, each.key or each.line) for each in made.excluded} == {
        ("FilteredByDate", "in/old.txt"),
        ("FilteredByDate", "in/new.txt"),
        ("FilteredBySize", "in/small.txt"),
        ("FilteredBySize", "in/large.txt"),
        ("FilteredByName", "in/other.jpg"),
        ("TooLarge", "in/TooLarge.txt"),
        ("DuplicateId", "in/kept.txt"),
        ("NotAnArchive", "no row of an inventory"),
    }
    found = made.figures
    assert (found.rows_in, found.archives, found.filtered, found.duplicates, found.rejects) == (9, 1, 5, 1, 2)


def test_an_archive_as_large_as_there_are_is_planned() -> None:
    made = plan([row(0, "x", size=10_000 * 4 * 2**30), row(1, "y", size=10_000 * 4 * 2**30 + 1)])
    assert [each.key for each in made.rows] == ["x"]
    assert [each.reason for each in made.excluded] == ["TooLarge"]


@pytest.mark.parametrize("pattern", ["100%", "a_b", "a!b", "*[x]*", "'; DROP"])
def test_only_a_star_and_a_question_mark_mean_something_in_a_pattern(pattern: str) -> None:
    names = ["100%", "100x", "a_b", "axb", "a!b", "1[x]2", "x", "'; DROP"]
    made = plan(rows_of(names), PlanParameters(name_pattern=pattern))
    assert [each.key for each in made.rows] == ["1[x]2" if "[" in pattern else pattern]


def test_objects_that_are_there_already_are_marked() -> None:
    made = plan(rows_of(["a", "b"]), PlanParameters("in/"), existing=["in/b", "a", 'in/"q"'])
    assert [(each.key, each.already) for each in made.rows] == [("in/a", False), ("in/b", True)]
    assert made.figures.existing == 1


def test_rows_are_read_whatever_is_in_their_descriptions() -> None:
    """Quotes, commas and backslashes, escaped or not, shift no column."""
    descriptions = ['"', '""', ',",', "\\", '\\"', "a\\", 'x","2012-05-15T17:19:46Z",1,', "é", *dict(NAMED)]
    made = plan([row(number, text, size=number + 1) for number, text in enumerate(descriptions)])
    found = {each.archive_id: each for each in made.rows}
    for number, description in enumerate(descriptions):
        each = found[archive_id(number)]
        assert (each.description, each.size_bytes) == (description, number + 1)
        assert each.created_at == "2012-05-15T17:19:46.700Z"


def test_an_unescaped_or_unquoted_description_is_read_as_it_stands() -> None:
    tail = f"2012-05-15T17:19:46Z,5,{'B' * 64}"
    quoted = f'"{archive_id(2)}","say ""hi""",{tail}'
    text = f"{archive_id(0)},plain words,{tail}\r\n{archive_id(1)},,{tail}\n{quoted}"
    made = plan(text)
    assert [each.description for each in sorted(made.rows, key=lambda each: each.key)] == [
        "plain words",
        'say "hi"',
        "",
    ]
    assert {each.sha256_tree_hash for each in made.rows} == {"b" * 64}
    assert {each.created_at for each in made.rows} == {"2012-05-15T17:19:46.000Z"}
