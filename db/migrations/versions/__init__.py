"""Migrations of the database, in order. db.migrate runs them."""
