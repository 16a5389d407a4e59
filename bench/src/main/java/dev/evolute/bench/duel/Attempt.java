package dev.evolute.bench.duel;

/**
 * A line of the table of solutions: one solver and one way to stop, in the round with its median
 * time.
 *
 * @param contender its name
 * @param solution what it found
 * @param minError distance to the truth, relative to the largest eigenvalue by magnitude
 * @param maxError the same of the other end
 * @param reached rounds in which both errors were no larger than ours
 * @param rounds in which it took part
 */
record Attempt(
    String contender,
    Solution solution,
    double minError,
    double maxError,
    int reached,
    int rounds) {}
