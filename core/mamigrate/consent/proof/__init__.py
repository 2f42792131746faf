"""The proof: statements about consent over whole populations, each as the rows that break it. Nothing is sampled."""
