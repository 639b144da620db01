"""Un petit modèle de langue, qui invente des mots français, lettre par lettre."""
