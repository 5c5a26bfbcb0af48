"""The calls, one file for each sort of thing. Handlers say what is asked for, and nothing else."""
