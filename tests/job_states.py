"""What Hypothesis draws for jobs: their requests and states, every field of them."""

from hypothesis import strategies as st

from tests.strategies import timestamps
from thaw.core.job_requests import CopyRequest, JobRequest, Selection, Way
from thaw.core.job_states import JobState, JobStatus, Loaded, Validated, Wave
from thaw.core.jobs import Totals

_TEXTS = st.text(max_size=10)
_COUNTS = st.integers(0, 10**15)
_CLASSES = st.dictionaries(
    st.sampled_from(["GLACIER", "DEEP_ARCHIVE", "UNKNOWN"]), st.builds(Totals, _COUNTS, _COUNTS), max_size=3
)


def job_requests() -> st.SearchStrategy[JobRequest]:
    """Requests of any shape, also such as would be refused."""
    selections = st.builds(
        Selection,
        prefix=_TEXTS,
        storage_classes=st.lists(_TEXTS, max_size=2).map(tuple),
        min_size_bytes=st.one_of(st.none(), _COUNTS),
        modified_from=st.one_of(st.just(""), timestamps()),
    )
    return st.builds(
        JobRequest,
        bucket=_TEXTS,
        tier=_TEXTS,
        way=st.sampled_from(Way),
        manifest=_TEXTS,
        selection=st.one_of(st.none(), selections),
        expiration_days=st.one_of(st.none(), st.integers(1, 365)),
        copy=st.one_of(st.none(), st.builds(CopyRequest, delete_source=st.booleans())),
        dry_run=st.booleans(),
        timeout_hours=st.one_of(st.none(), st.integers(1, 999)),
        max_uncopied_bytes=st.one_of(st.none(), _COUNTS),
    )


def job_states() -> st.SearchStrategy[JobState]:
    """States of any shape, also such as no workflow leads to."""
    validated = st.builds(
        Validated,
        by_storage_class=_CLASSES,
        **dict.fromkeys(("rows_in", "objects", "size_bytes", "duplicates", "filtered"), _COUNTS),
        **dict.fromkeys(("rejects", "objects_of_unknown_size", "parts"), _COUNTS),
        expected_hours=st.floats(0, 100),
    )
    loaded = st.builds(
        Loaded,
        objects=_COUNTS,
        by_storage_class=_CLASSES,
        elsewhere_jobs=st.dictionaries(_TEXTS, _COUNTS, max_size=2),
    )
    waves = st.builds(Wave, number=_COUNTS, objects=_COUNTS, size_bytes=_COUNTS, manifest_key=_TEXTS)
    return st.builds(
        JobState,
        job_id=st.sampled_from(["job-1", "job-2"]),
        request=job_requests(),
        status=st.sampled_from(JobStatus),
        created_at=timestamps(),
        run=st.integers(1, 99),
        reason=_TEXTS,
        validated=st.one_of(st.none(), validated),
        loaded=st.one_of(st.none(), loaded),
        waves=st.lists(waves, max_size=3).map(tuple),
        requested=st.booleans(),
        trouble=st.lists(_TEXTS, max_size=2).map(tuple),
        revision=st.integers(0, 99),
    )
