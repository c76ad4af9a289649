"""Files that people wrote -> typed objects; every complaint names file and line."""
