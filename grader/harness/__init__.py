"""Course code: models, the process that runs what students wrote, and the tests of what comes out of it."""
