"""What is worth a second look in a knowledge folder that loads: what a check tells beyond the problems that stop it."""
