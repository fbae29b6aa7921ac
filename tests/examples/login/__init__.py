"""A login by a code that is texted, with its tests: docs/testing-a-login.md."""
