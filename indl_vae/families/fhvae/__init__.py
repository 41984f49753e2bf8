"""FHVAE: the factorized hierarchical variational autoencoder (Hsu, Zhang & Glass 2017; scalable: Hsu & Glass 2018)."""
