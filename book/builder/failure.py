"""L'échec d'une tâche, dit en une phrase à qui l'a lancée."""


class Failure(Exception):
    """Une étape n'a pas abouti ; le message dit laquelle et que faire."""
