"""What tests of shifts rely on."""
