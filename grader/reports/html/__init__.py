"""Results as pages that need nothing beside them: one for each submission and audience, and an index of the class.

What an audience may see is decided in ``views``, by what a view has room for; templates only lay it out. Whatever a
student wrote is text: templates escape it, and a content security policy forbids every page to load or run anything.
"""

from grader.reports.html.pages import index, page
from grader.reports.html.writing import write_pages

__all__ = ["index", "page", "write_pages"]
