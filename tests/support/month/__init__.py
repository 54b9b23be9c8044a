"""The invented practice's month: people, claims, answers, files, and what must come out."""
