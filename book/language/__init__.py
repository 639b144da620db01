"""Le français du projet, vérifié par la machine : orthographe, termes, typographie."""
