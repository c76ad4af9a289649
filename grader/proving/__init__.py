"""Keys verified by a second route, before they mark anyone (DESIGN §1, §7)."""
