"""The content picture: a small harbour town at dusk, drawn as a matte painting from plates laid over one another."""
