"""Shifts: the place of the campaign engine and its bookings. Nothing of it is built yet."""
