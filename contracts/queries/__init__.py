"""Who may see which contract, the desk of registrars, the public register."""
