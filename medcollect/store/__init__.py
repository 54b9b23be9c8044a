"""The book's storage: tables, migrations, bulk rows, facts, journal, raw files. SQL lives here."""
