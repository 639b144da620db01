"""L'atelier du livre : environnement, carnets, site, navigateur."""
