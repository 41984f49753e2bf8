"""MR-SDS: several regions that drive one another, with dynamics that switch."""
