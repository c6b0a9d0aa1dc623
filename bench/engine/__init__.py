"""How fast, how punctual and how heavy the engine is, beside the floor, in one run."""
