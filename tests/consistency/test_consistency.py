# SPDX-License-Identifier: Apache-2.0
"""No deleted key is accepted, whatever faults there are.

run.py does the same for longer; plant.py shows that a violation is found.
"""

import pytest
from experiment import BACKENDS, run
from harness import environment
from history import CHANGE, CREATE, DELETE

SECONDS = 10
SEED = 8


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.skipif(environment.BACKEND not in BACKENDS,
                    reason="one database of each kind is enough")
def test_no_deleted_key_is_accepted():
    report = run(SECONDS, SEED)
    print(report)
    assert not report.violations
    assert not report.complaints
    # Otherwise the test would prove nothing.
    assert report.count(CREATE, 201) and report.count(DELETE, 200)
    assert report.count(CHANGE, 200)
    assert report.after_delete and report.from_cache > 0
