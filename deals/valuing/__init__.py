"""Between what a person types and the formulas of deals.valuation: which inputs an approach has,
reading them, computing a range and a tornado, showing them."""
