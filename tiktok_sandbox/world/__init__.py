"""The invented accounts and what happens to them. Everything here is computed from seed, anchor week and time; nothing is recorded."""
