"""La courbure de la perte : diagonales, matrices, blocs par neurone."""
