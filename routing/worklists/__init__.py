"""Work lists: what waits for a person, who has taken it, and until when it is put off."""
