"""What comes out: scores, figures and reports. Importing this room loads nothing."""
