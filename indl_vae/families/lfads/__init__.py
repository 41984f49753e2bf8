"""LFADS: latent factor analysis via dynamical systems (Pandarinath et al., Nature Methods 2018)."""
