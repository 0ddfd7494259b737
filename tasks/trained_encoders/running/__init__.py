"""What trained encoders share: the device, its batches, and how transformers loads weights."""
