"""The web page of a session: ``app`` answers it, ``guard`` keeps strangers out, ``server`` runs it."""
