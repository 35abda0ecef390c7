"""Where the house meets the world: git, files of training runs, tables of others, processes, settings."""
