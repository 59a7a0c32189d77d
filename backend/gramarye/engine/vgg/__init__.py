"""VGG19: its layers, the network, fused operations, and cached features.

layers         the layer names, their order and strides
fused          convolution with ReLU and pooling in few passes
feature_cache  cache of style statistics and content features
network        the network and its features
"""
