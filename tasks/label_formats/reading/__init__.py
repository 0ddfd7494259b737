"""What several label formats share: reading JSON safely, and finding the files and media of timed text."""
