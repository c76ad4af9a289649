"""What students get of an assignment: prompts, files to fill in, public specs. Nothing here knows a key.

``contents`` makes all files in memory, from public ones alone; ``writing`` puts them into a folder or a zip.
"""
