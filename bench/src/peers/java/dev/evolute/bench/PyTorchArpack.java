package dev.evolute.bench;

import dev.evolute.bench.duel.Goal;
import dev.evolute.bench.duel.Solution;
import dev.ludovic.netlib.arpack.JavaARPACK;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.netlib.util.doubleW;
import org.netlib.util.intW;

/**
 * ARPACK's implicitly restarted Lanczos in fp64, translated to Java, over PyTorch's products: both
 * ends from one run ({@code BE}), with SciPy's basis of 20 vectors. It asks the residual of each
 * end to be small relative to that end. To find out when its error is as small as another solver's,
 * it is run with tolerances from a hundred times ours down to a hundredth.
 */
public final class PyTorchArpack extends PyTorchSolver {
  private static final int VECTORS = 20;
  private static final int MOST_RESTARTS = 10_000;
  private static final double[] FACTORS = {100, 10, 1, 0.1, 0.01};

  private final JavaARPACK arpack = JavaARPACK.getInstance();

  @Override
  public String describe() {
    return arpack.getClass().getSimpleName() + " of netlib over " + super.describe();
  }

  @Override
  public List<Solution> solve(Goal goal) {
    Solution stop = run(goal.seed(), goal.tolerance());
    if (!goal.known()) {
      return List.of(stop);
    }
    Solution found = null;
    for (int i = 0; i < FACTORS.length && (found == null || !found.reaches(goal)); i++) {
      found = run(goal.seed(), FACTORS[i] * goal.tolerance());
    }
    return List.of(stop, found);
  }

  private Solution run(long seed, double tolerance) {
    int n = network.size();
    double[] residual = start(seed);
    long start = System.nanoTime();
    int products = 0;
    double[] v = new double[n * VECTORS];
    double[] work = new double[3 * n];
    double[] small = new double[VECTORS * (VECTORS + 8)];
    int[] parameters = new int[11];
    int[] at = new int[11];
    // Exact shifts, at most so many restarts, an ordinary eigenproblem.
    parameters[0] = 1;
    parameters[2] = MOST_RESTARTS;
    parameters[6] = 1;
    doubleW tol = new doubleW(tolerance);
    intW wanted = new intW(2);
    intW ask = new intW(0);
    // The start is given.
    intW info = new intW(1);
    do {
      arpack.dsaupd(
          ask,
          "I",
          n,
          "BE",
          wanted.val,
          tol,
          residual,
          VECTORS,
          v,
          n,
          parameters,
          at,
          work,
          small,
          small.length,
          info);
      if (ask.val == 1 || ask.val == -1) {
        multiply(work, at[0] - 1, at[1] - 1, n);
        products++;
      }
    } while (ask.val != 99);
    if (info.val != 0) {
      throw new IllegalStateException("ARPACK: dsaupd ended with info " + info.val);
    }
    double[] values = new double[2];
    arpack.dseupd(
        true,
        "A",
        new boolean[VECTORS],
        values,
        v,
        n,
        0,
        "I",
        n,
        "BE",
        wanted,
        tol.val,
        residual,
        VECTORS,
        v,
        n,
        parameters,
        at,
        work,
        small,
        small.length,
        info);
    if (info.val != 0) {
      throw new IllegalStateException("ARPACK: dseupd ended with info " + info.val);
    }
    double seconds = 1e-9 * (System.nanoTime() - start);
    return new Solution(
        "tol " + tolerance,
        seconds,
        products,
        values[0],
        values[1],
        residual(v, 0, values[0]),
        residual(v, n, values[1]));
  }

  /** {@code y = H x} between parts of an array. */
  private void multiply(double[] memory, int x, int y, int n) {
    try (PointerScope scope = new PointerScope()) {
      Tensor product = product(read(memory, x, n));
      scope.attach(product);
      write(product, memory, y, n);
    }
  }

  private Tensor read(double[] memory, int from, int n) {
    Tensor x = torch.empty(new long[] {n}, new TensorOptions(ScalarType.Double), null);
    x.data_ptr_double().put(memory, from, n);
    return network.typed(x);
  }

  private static void write(Tensor y, double[] memory, int from, int n) {
    y.to(ScalarType.Double).data_ptr_double().get(memory, from, n);
  }

  private double residual(double[] vectors, int from, double value) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = read(vectors, from, network.size());
      scope.attach(x);
      return residual(x, value);
    }
  }
}
