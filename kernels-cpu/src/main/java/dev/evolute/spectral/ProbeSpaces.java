package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * Krylov spaces of random probes, several growing at the same time so that one product with several
 * vectors serves them all, each orthogonalised in full.
 */
final class ProbeSpaces {
  static final long PROBE_STREAM = 0x736c71L;

  private final LinearOperator a;
  private final Kernels kernels;
  private final Products products;
  private final SpectralDensity.Options options;
  private final int n;
  private final int steps;
  private final int together;

  /** The Krylov space of one probe and its tridiagonal projection. */
  private final class Space implements AutoCloseable {
    final KrylovBasis basis = new KrylovBasis(a.device(), a.dtype(), n, steps + 1);
    final double[] diagonal = new double[steps];
    final double[] beside = new double[steps];
    final double[] column = new double[steps + 1];
    double norm;
    int k;
    boolean ended;

    Space(int probe) {
      Buffer v = basis.row(0);
      CounterRandom.fillGaussian(options.seed(), PROBE_STREAM + probe, 1, v);
      kernels.normalise(v);
    }

    Buffer newest() {
      return basis.row(k);
    }

    /** Takes the product with the newest vector. */
    void grow(Buffer product, int number) {
      Buffer w = basis.row(k + 1);
      kernels.copy(product, w);
      k++;
      int from = Math.max(0, k - 2);
      basis.dots(from, k, w, column);
      for (int j = from; j < k; j++) {
        products.check(column[j], w, number);
      }
      double beta = basis.subtract(from, k, w, column);
      diagonal[k - 1] = column[k - 1];
      norm = Math.max(norm, Math.hypot(KrylovBasis.norm(column, k), beta));
      ended = k == steps || beta <= products.noise() * norm;
      if (!ended) {
        beside[k - 1] = beta;
        kernels.axpby(1 / beta, w, 0, w);
      }
    }

    Quadrature quadrature() {
      double[] t = new double[k * k];
      for (int j = 0; j < k; j++) {
        t[j * k + j] = diagonal[j];
        if (j > 0) {
          t[j * k + j - 1] = beside[j - 1];
          t[(j - 1) * k + j] = beside[j - 1];
        }
      }
      SymmetricEigen eigen = SymmetricEigen.of(t, k, k);
      double[] weights = new double[k];
      double sum = 0;
      for (int j = 0; j < k; j++) {
        double first = eigen.vectors()[j][0];
        weights[j] = first * first;
        sum += weights[j];
      }
      for (int j = 0; j < k; j++) {
        weights[j] /= sum;
      }
      return new Quadrature(eigen.values(), weights);
    }

    @Override
    public void close() {
      basis.close();
    }
  }

  ProbeSpaces(LinearOperator a, SpectralDensity.Options options) {
    this.a = a;
    this.kernels = a.device().kernels(a.dtype());
    this.products = new Products(a);
    this.options = options;
    this.n = (int) a.size();
    this.steps = Math.min(n, options.steps());
    long bytes = (steps + 3L) * n * a.dtype().bytes();
    if (bytes > options.maxBytes()) {
      throw new IllegalArgumentException(
          "density: a probe of "
              + steps
              + " steps keeps "
              + (steps + 3)
              + " vectors of "
              + n
              + " elements, "
              + bytes
              + " bytes, maxBytes is "
              + options.maxBytes()
              + "; take fewer steps or allow for more");
    }
    this.together = (int) Math.min(options.probes(), options.maxBytes() / bytes);
  }

  int products() {
    return products.count();
  }

  List<Quadrature> run() {
    List<Quadrature> found = new ArrayList<>();
    for (int first = 0; first < options.probes(); first += together) {
      run(first, Math.min(together, options.probes() - first), found);
    }
    return List.copyOf(found);
  }

  private void run(int first, int count, List<Quadrature> found) {
    List<Space> spaces = new ArrayList<>();
    try (Buffer from = a.device().allocate(a.dtype(), (long) count * n);
        Buffer to = a.device().allocate(a.dtype(), (long) count * n)) {
      for (int i = 0; i < count; i++) {
        spaces.add(new Space(first + i));
      }
      List<Space> growing = List.copyOf(spaces);
      while (!growing.isEmpty()) {
        int width = growing.size();
        for (int i = 0; i < width; i++) {
          kernels.copy(growing.get(i).newest(), from.view((long) i * n, n));
        }
        int before = products.count();
        products.apply(Matrix.of(from, width, n), Matrix.of(to, width, n));
        for (int i = 0; i < width; i++) {
          growing.get(i).grow(to.view((long) i * n, n), before + i + 1);
        }
        growing = growing.stream().filter(space -> !space.ended).toList();
      }
      spaces.forEach(space -> found.add(space.quadrature()));
    } finally {
      spaces.forEach(Space::close);
    }
  }
}
