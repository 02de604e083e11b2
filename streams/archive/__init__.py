"""The history: every event once, in Parquet files by date and kind."""
