"""Submissions: what students write.

``answers`` is the way in; each format has a reader; ``collect`` and what it uses sort what these give into fields.
"""
