"""Speed of the roll-out of several regions with switching dynamics."""
