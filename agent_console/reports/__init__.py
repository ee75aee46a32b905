"""Reports for those who oversee: pages with pictures and files, and schedules by which they are sent."""
