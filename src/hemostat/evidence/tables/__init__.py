"""Files of typed tables: workbooks, Parquet, Arrow, Avro."""
