package dev.evolute.spectral;

/**
 * Both ends of a spectrum. Closing it frees the vectors.
 *
 * @param min the smallest eigenvalue found, null if it was not asked for
 * @param max the largest eigenvalue found, null if it was not asked for
 * @param products all products with the operator, those that measured the residuals included
 * @param steps products that went into the search
 */
public record Extremes(Eigenpair min, Eigenpair max, int products, int steps)
    implements AutoCloseable {

  /** Whether every end that was asked for has converged. */
  public boolean converged() {
    return (min == null || min.converged()) && (max == null || max.converged());
  }

  @Override
  public void close() {
    if (min != null && min.vector() != null) {
      min.vector().close();
    }
    if (max != null && max.vector() != null) {
      max.vector().close();
    }
  }
}
