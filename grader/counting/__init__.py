"""Things counted exhaustively: second routes to keys that are numbers of things, without the keys' formulas."""
