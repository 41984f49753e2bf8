"""DSAE: the disentangled sequential autoencoder (Li & Mandt, ICML 2018)."""
