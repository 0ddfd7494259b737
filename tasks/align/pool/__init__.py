"""Pool frames onto the samples: what a sequence of any rate says during each of them."""
