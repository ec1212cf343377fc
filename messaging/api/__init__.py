"""The REST API of messaging: one file for each resource; urls says which there are."""
