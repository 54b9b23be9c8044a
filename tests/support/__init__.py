"""Support for tests and samples: builders, worked examples, generated worlds."""
