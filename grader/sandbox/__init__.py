"""A student's code under the operating system's walls. It runs nowhere else."""
