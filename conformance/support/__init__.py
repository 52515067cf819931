"""What the conformance tests share: the server under test, its clients, and the facts of its API."""
