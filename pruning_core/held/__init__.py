"""Ce qui tient des poids à zéro : leur valeur, leur gradient, et le module qui les lit."""
