"""The objective: statistics of features, loss terms, targets and factors."""
