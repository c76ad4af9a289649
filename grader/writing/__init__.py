"""What ``grade new`` writes: an item's entries among problems and keys, by insertion into files as they stand.

``saving`` writes files for other commands, too.
"""
