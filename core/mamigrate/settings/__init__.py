"""The project file and the environment, validated at the edge."""
