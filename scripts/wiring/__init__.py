"""The composition root: the one place where the parts are joined. One module for each process."""
