"""Problems and keys: what instructors write. ``course`` is the way in."""
