"""What agents work with all day: the desk with its telephone, the record, orders, work lists and SOS cases."""
