"""What every test may use."""

import pytest

pytest.register_assert_rewrite("mamigrate.testing")
