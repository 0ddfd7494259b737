"""Two recordings of one piece, played at different tempi: dynamic time warping puts one on the other."""
