"""Bringing orders in from CSV and XLSX files: good rows are placed once, each bad one is told with what to do."""
