"""How results are shown: one file for each form, or a folder where it takes several."""
