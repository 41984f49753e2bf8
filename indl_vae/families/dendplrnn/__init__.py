"""dendPLRNN: dynamical systems reconstructed by piecewise-linear recurrent networks with dendrites."""
