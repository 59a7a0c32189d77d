"""The objective: statistics of features, loss terms, their targets and factors.

statistics     Gram matrix, covariance, moments: sums over positions and gradients
guides         masks as weights of the positions at each layer
terms          content, style and total variation terms; the interfaces of a term
normalisation  targets and factors under "sum", "mean" and "relative"
style_sources  style pictures and their measurement
regions        the regions of a painting, and the style term of each
histogram      sliced histogram matching
laplacian      the Laplacian term on pixels
objective      the weighted sum of all terms
"""
