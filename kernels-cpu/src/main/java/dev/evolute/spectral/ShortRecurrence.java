package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import java.util.Arrays;
import java.util.List;

/**
 * Lanczos' method by its three-term recurrence: values from three vectors of memory, no basis.
 *
 * <pre>
 *   w = A v_k - beta_{k-1} v_{k-1},  alpha_k = &lt;v_k, w&gt;,  w = w - alpha_k v_k,  beta_k = ||w||
 * </pre>
 *
 * Without reorthogonalisation rounding brings back directions already converged: ends of the
 * spectrum appear in T several times. It invents none: Ritz values stay within their residual,
 * times 2.5 at worst, and rounding of an eigenvalue (Paige, "Accuracy and effectiveness of the
 * Lanczos algorithm for the symmetric eigenproblem", Linear Algebra Appl. 34, 1980), and T is that
 * of an exact run on a larger operator whose eigenvalues cluster round those of A (Greenbaum,
 * Linear Algebra Appl. 113, 1989), on which the bound of the extreme eigenvalue rests here.
 */
final class ShortRecurrence implements Krylov {
  // What copies of one eigenvalue may make of the residual's claim.
  private static final double PAIGE = 2.5;

  private final Products products;
  private final Kernels kernels;
  private final StartVector starts;
  private final long n;
  private final Buffer[] vectors = new Buffer[3];
  private double[] alpha = new double[64];
  private double[] beta = new double[64];
  private int k;
  // First row of T since the last random start.
  private int entry;
  private double norm;
  private boolean startSeesAll;
  private double randomShare;

  ShortRecurrence(LinearOperator a, Products products, long seed) {
    Device device = a.device();
    DType dtype = a.dtype();
    this.products = products;
    this.kernels = device.kernels(dtype);
    this.starts = new StartVector(kernels, seed);
    this.n = a.size();
    for (int i = 0; i < 3; i++) {
      vectors[i] = device.allocate(dtype, n);
    }
  }

  void begin(Buffer start, double share) {
    randomShare = 1;
    if (start == null) {
      starts.random(vectors[1]);
    } else {
      randomShare = starts.near(start, share, vectors[1]);
    }
    startSeesAll = start == null || share > 0;
  }

  @Override
  public void step(int most) {
    Buffer before = vectors[0];
    Buffer v = vectors[1];
    Buffer w = vectors[2];
    products.apply(v, w);
    double size = kernels.nrm2(w);
    products.check(size, w);
    norm = Math.max(norm, size);
    if (k > entry) {
      kernels.axpby(-beta[k - 1], before, 1, w);
    }
    if (k == alpha.length) {
      alpha = Arrays.copyOf(alpha, 2 * k);
      beta = Arrays.copyOf(beta, 2 * k);
    }
    alpha[k] = kernels.dot(v, w);
    kernels.axpby(-alpha[k], v, 1, w);
    beta[k] = kernels.normalise(w);
    vectors[0] = v;
    vectors[1] = w;
    vectors[2] = before;
    k++;
  }

  @Override
  public int size() {
    return k;
  }

  @Override
  public boolean exhausted() {
    return beta[k - 1] <= products.noise() * norm || n == 1;
  }

  @Override
  public void reseed() {
    // T falls into two blocks: what was found stays.
    beta[k - 1] = 0;
    entry = k;
    starts.random(vectors[1]);
    startSeesAll = true;
    randomShare = 1;
  }

  @Override
  public boolean full() {
    return false;
  }

  @Override
  public void restart(SymmetricEigen ritz, int low, int high) {
    throw new UnsupportedOperationException("no basis is kept, so none is full");
  }

  @Override
  public SymmetricEigen ritz() {
    return SymmetricEigen.ofTridiagonal(alpha, beta, k);
  }

  @Override
  public double residual(double[] s) {
    return PAIGE * beta[k - 1] * Math.abs(s[k - 1]);
  }

  @Override
  public double rounding() {
    return Math.sqrt(k) * products.noise();
  }

  @Override
  public boolean startSeesAll() {
    return startSeesAll;
  }

  @Override
  public List<ExtremeBound.Cycle> cycles() {
    double[][] band = new double[k - entry][];
    for (int c = 0; c < band.length; c++) {
      int at = entry + c;
      band[c] =
          new double[] {
            c == 0 ? 0 : beta[at - 1], alpha[at], Math.max(beta[at], products.noise() * norm)
          };
    }
    return List.of(new ExtremeBound.Cycle(1, new double[0], new double[0][], band));
  }

  @Override
  public int randomVectors() {
    return startSeesAll ? 1 : 0;
  }

  @Override
  public double randomShare() {
    return randomShare;
  }

  @Override
  public void close() {
    for (Buffer vector : vectors) {
      vector.close();
    }
  }
}
