"""Never even comes to be imported."""

while True:
    pass
