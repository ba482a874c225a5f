# SPDX-License-Identifier: Apache-2.0
"""No secret is accepted that was narrowed, whatever faults there are.

run.py does the same for longer; plant.py shows that a violation is found.
"""

import pytest
from experiment import BACKENDS, run
from harness import environment
from history import DONE

SECONDS = 10
SEED = 8


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.skipif(environment.BACKEND not in BACKENDS,
                    reason="one database of each kind is enough")
def test_no_answer_contradicts_what_was_written():
    report = run(SECONDS, SEED)
    print(report)
    assert not report.violations
    assert not report.complaints
    # Otherwise the test would prove nothing.
    for kind, status in DONE.items():
        assert report.count(kind, status), kind
    assert report.after_delete and report.by_old_secrets
    assert report.from_cache > 0
