"""Template tags of the Campaigns page."""
