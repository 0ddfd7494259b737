"""What several source kinds read with."""
