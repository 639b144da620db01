"""Quels poids peuvent être élagués, et leurs biais."""
