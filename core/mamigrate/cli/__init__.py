"""The command line. Sentences for people stand here and in the message files, nowhere else."""
