"""What the gateway costs, as ratios to the smallest Flask app on the same server."""
