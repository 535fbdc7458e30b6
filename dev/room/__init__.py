"""The machine room: what the scripts in ``dev/`` share.

Only the standard library is imported at module level, because ``dev/setup`` runs before the virtual environment exists.
Everything the scripts make lies outside the repository, in ``QBO_SYNC_HOME`` (see :mod:`room.places`).
"""
