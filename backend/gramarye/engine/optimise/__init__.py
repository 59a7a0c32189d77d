"""Evaluation of the objective, and optimisers that take one step at a time.

- ``evaluator``: value and gradient of the objective at a picture
- ``optimiser``: `Point`, and the interface of an optimiser
- ``loop``: `optimise`, which alternates an optimiser's steps with evaluations
- ``adam``: Adam
- ``lbfgs``: L-BFGS with bounds and backtracking
- ``curvature``: L-BFGS' pairs and the product of its inverse Hessian with a gradient
- ``spectrum``: L-BFGS' initial inverse Hessian, a filter by spatial frequency
"""
