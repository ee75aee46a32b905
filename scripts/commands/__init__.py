"""The subcommands of `elderline`, by subject."""
