"""L'explorateur de mots : deux réseaux élagués inventent du français, côte à côte."""
