"""How many agents it takes, and what a day would be like: formulas, forecast, plan and simulation. Pure."""
