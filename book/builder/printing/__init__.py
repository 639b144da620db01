"""Le livre imprimé : les pages du site, réunies, mises en page et imprimées par Chromium."""
