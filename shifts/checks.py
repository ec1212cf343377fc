"""System checks of the settings of shifts."""
