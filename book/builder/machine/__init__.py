"""Cette machine est-elle prête pour une séance ? Ce que regarde « make verifier »."""
