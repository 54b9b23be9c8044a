"""Use cases: one short file per verb, and the steps they share."""
