"""What is wrong with what is watched: raised once, grouped by its cause, gone when it is over."""
