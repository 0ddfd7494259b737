"""Two recordings of one event: how the clock of one runs on that of the other."""
