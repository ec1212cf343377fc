"""`make demo`: the whole house on one machine, with the carrier simulator in the place of AWS."""
