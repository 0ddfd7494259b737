"""What every stage stands on: tables, media shards, batches, partitions, time, errors."""
