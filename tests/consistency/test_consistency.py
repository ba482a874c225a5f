# SPDX-License-Identifier: Apache-2.0
"""No key outlives its delete, whatever happens meanwhile.

Longer: see run.py.  That it would be found if one did: see plant.py.
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
                    reason="one database of each sort is enough")
def test_no_key_outlives_its_delete():
    report = run(SECONDS, SEED)
    print(report)
    assert not report.violations
    assert not report.complaints
    # Else nothing was shown.
    assert report.count(CREATE, 201) and report.count(DELETE, 200)
    assert report.count(CHANGE, 200)
    assert report.after_delete and report.from_cache > 0
