"""How each elder is spoken with: what people set, what was learnt from how they fared, and the usual."""
