"""Who works with the hotline: users, their passwords, what each may become, and where they are logged in."""
