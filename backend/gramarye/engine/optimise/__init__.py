"""Adam and L-BFGS, one step at a time: the loop in `optimise` evaluates between their steps."""
