"""Reports: figures of a period from what is in the database, as tables that page, sheet, picture and API share."""
