package dev.evolute.spectral;

import java.util.List;
import java.util.stream.Stream;

/**
 * Several eigenpairs at the ends of a spectrum. Closing it frees the vectors.
 *
 * @param smallest ascending; fewer than asked for where the operator has no more or the products
 *     were spent
 * @param largest descending; likewise
 * @param products all products with the operator, those that measured the residuals included
 * @param steps products that went into the search
 * @param converged whether all that were asked for, or all there are, are found and each has
 *     converged
 */
public record Eigenpairs(
    List<Eigenpair> smallest, List<Eigenpair> largest, int products, int steps, boolean converged)
    implements AutoCloseable {
  /** Copies the lists, not the vectors. */
  public Eigenpairs {
    smallest = List.copyOf(smallest);
    largest = List.copyOf(largest);
  }

  @Override
  public void close() {
    Stream.concat(smallest.stream(), largest.stream())
        .filter(pair -> pair.vector() != null)
        .forEach(pair -> pair.vector().close());
  }
}
