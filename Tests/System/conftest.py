"""What the tests of the running suite share."""

import pytest

from support import suite


@pytest.fixture(autouse=True)
def everything_runs():
    """Each test begins with every instance ready."""
    suite.wait_until_ready()
