"""CeNeuroVAE: whole-brain activity given behaviour, with neurons that come and go."""
