"""One graph node a file: domain values in, domain values out. Nodes never import each other."""
