"""A shop's customers and addresses as files: JSON Lines and CSV, compressed or not."""
