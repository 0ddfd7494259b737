"""What ties samples: media that are near duplicates, and how near they are."""
