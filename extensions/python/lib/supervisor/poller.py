"""There is no event loop in this process to watch descriptors: the daemon has its own."""
