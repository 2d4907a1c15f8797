"""What happens to a delivery, and why: the facts, the rules, and the words. The dry run and the dispatcher share it."""
