package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.StudyResult;
import dev.evolute.spectral.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;

/**
 * Appendix G of paper 002: weights that are nearly balanced lie near balanced ones, and how far
 * from balanced descent may start, by theorem 32 and in fact.
 */
final class ApproximateBalance implements Part {
  private static final int WIDTH = 6;
  private static final double[] PERTURBED = {1e-6, 1e-4, 1e-2, 1e-1};
  private static final int DRAWS = 5;
  private static final double GAP = 0.01;
  private static final double STEP = 0.02;
  private static final int MOST = 20_000;

  /** One start: how unbalanced it is, and how many iterations descent takes; -1 for too many. */
  private record Start(int depth, double imbalance, double allowed, int iterations) {}

  private final long seed;
  private final List<Start> starts = new ArrayList<>();
  private final ClaimCheck near =
      new ClaimCheck(
          "nearly balanced weights lie within n^1.5 √ε̂ of balanced ones", "002, Lemma 31");
  private final ClaimCheck layers =
      new ClaimCheck("layer j of the construction moves by (n−j) √ε̂ at most", "002, Lemma 31");
  private final ClaimCheck balanced =
      new ClaimCheck("what the construction gives is balanced, to rounding", "002, Lemma 31");
  private final ClaimCheck norms =
      new ClaimCheck(
          "largest ‖A_i‖ⁿ ≤ ‖A_{n:1}‖ + 2n √(largest ‖Δ_i‖) max(1, largest ‖A_i‖)^2n",
          "002, Lemma 33");
  private final ClaimCheck smooth =
      new ClaimCheck("bounds on gradient and Hessian by the layers' norms", "002, Lemma 62");

  ApproximateBalance(long seed) {
    this.seed = seed;
  }

  /** Takes about a second. */
  void measure() {
    for (int depth = 2; depth <= 4; depth++) {
      for (double size : PERTURBED) {
        for (int draw = 0; draw < DRAWS; draw++) {
          Chain chain = perturbed(depth, size, 100 * depth + draw);
          lemmas(chain);
          if (draw == 0) {
            starts.add(descend(chain, depth));
          }
        }
      }
    }
  }

  private double[] gaussian(int stream, int count) {
    double[] values = new double[count];
    CounterRandom.fillGaussian(seed, stream, 0, values);
    return values;
  }

  /** A balanced chain with one output, of norm 0.1, and noise of that size on every weight. */
  private Chain perturbed(int depth, double size, int stream) {
    double[] a = gaussian(stream, WIDTH);
    double root = Math.pow(0.1, 1.0 / depth);
    double norm = Curvature.norm(a);
    List<DMatrixRMaj> weights = new ArrayList<>();
    for (int j = 1; j <= depth; j++) {
      DMatrixRMaj w = new DMatrixRMaj(j == depth ? 1 : WIDTH, WIDTH);
      double[] noise = gaussian(1000 * j + stream, w.getNumElements());
      for (int i = 0; i < noise.length; i++) {
        w.data[i] = size * noise[i];
      }
      for (int i = 0; i < WIDTH; i++) {
        w.add(0, i, j == 1 ? root * a[i] / norm : i == 0 ? root : 0);
      }
      weights.add(w);
    }
    return new Chain(weights);
  }

  private static DMatrixRMaj difference(Chain chain, int j) {
    DMatrixRMaj d = CommonOps_DDRM.multTransA(chain.layer(j + 1), chain.layer(j + 1), null);
    CommonOps_DDRM.multAddTransB(-1, chain.layer(j), chain.layer(j), d);
    return d;
  }

  /** (33): the largest nuclear norm of {@code W_{j+1}^T W_{j+1} - W_j W_j^T}. */
  static double imbalance(Chain chain) {
    double most = 0;
    for (int j = 1; j < chain.depth(); j++) {
      most = Math.max(most, Powers.nuclear(difference(chain, j)));
    }
    return most;
  }

  /** The balanced weights of lemma 31's proof; hidden widths are those of the input. */
  static Chain rebalanced(Chain chain) {
    List<DMatrixRMaj> weights = new ArrayList<>(chain.weights());
    for (int j = chain.depth() - 1; j >= 1; j--) {
      DMatrixRMaj above = weights.get(j);
      DMatrixRMaj root = Powers.of(CommonOps_DDRM.multTransA(above, above, null), 0.5);
      weights.set(j - 1, CommonOps_DDRM.mult(root, Powers.polar(chain.layer(j)), null));
    }
    return new Chain(weights);
  }

  private void lemmas(Chain chain) {
    int n = chain.depth();
    double eps = imbalance(chain);
    Chain hat = rebalanced(chain);
    balanced.check(1e-7, imbalance(hat));
    near.check(Math.pow(n, 1.5) * Math.sqrt(eps), Trajectory.distance(hat.theta(), chain.theta()));
    double spread = 0;
    double largest = 0;
    for (int j = 1; j <= n; j++) {
      double moved =
          NormOps_DDRM.normF(CommonOps_DDRM.subtract(hat.layer(j), chain.layer(j), null));
      if (j < n) {
        layers.check((n - j) * Math.sqrt(eps), moved);
      }
      largest = Math.max(largest, Powers.spectral(chain.layer(j)));
      if (j < n) {
        spread = Math.max(spread, Powers.spectral(difference(chain, j)));
      }
    }
    if (spread <= 0.5 / n) {
      norms.check(
          Powers.spectral(chain.endToEnd())
              + 2 * n * Math.sqrt(spread) * Math.pow(Math.max(1, largest), 2 * n),
          Math.pow(largest, n));
    }
    lemma62(chain);
  }

  private static DMatrixRMaj lambda() {
    DMatrixRMaj lambda = new DMatrixRMaj(1, WIDTH);
    lambda.set(0, 0, 1);
    return lambda;
  }

  private void lemma62(Chain chain) {
    int n = chain.depth();
    DMatrixRMaj slope = CommonOps_DDRM.subtract(chain.endToEnd(), lambda(), null);
    double[] norms = chain.norms();
    Arrays.sort(norms);
    double but1 = 1;
    double but2 = 1;
    for (int j = 1; j < n; j++) {
      but1 *= norms[j];
      but2 *= j > 1 ? norms[j] : 1;
    }
    double g = NormOps_DDRM.normF(slope);
    smooth.check(Math.sqrt(n) * g * but1, Curvature.norm(chain.gradient(slope).theta()));
    double[] u = gaussian(31, chain.theta().length);
    Chain direction = chain.with(u);
    double square = Math.pow(Curvature.norm(u), 2);
    double curvature = chain.secondOrder(direction, slope) / square;
    smooth.check(n * but1 * but1 + 2 * n * g * but2, Math.abs(curvature));
  }

  private Start descend(Chain chain, int depth) {
    double imbalance = imbalance(chain);
    DMatrixRMaj lambda = lambda();
    DMatrixRMaj product = chain.endToEnd();
    double norm = Math.min(0.1, NormOps_DDRM.normF(product));
    double cosine = product.get(0, 0) / NormOps_DDRM.normF(product);
    double allowed = SectionFive.of(depth, norm, cosine).allowedImbalance(GAP);
    double[] theta = chain.theta();
    int k = 0;
    for (; k < MOST; k++) {
      Chain at = chain.with(theta);
      DMatrixRMaj slope = CommonOps_DDRM.subtract(at.endToEnd(), lambda, null);
      double g = NormOps_DDRM.normF(slope);
      if (g * g / 2 <= GAP) {
        break;
      }
      double[] gradient = at.gradient(slope).theta();
      for (int i = 0; i < theta.length; i++) {
        theta[i] -= STEP * gradient[i];
      }
    }
    return new Start(depth, imbalance, allowed, k < MOST ? k : -1);
  }

  // Claims

  @Override
  public List<Claim> claims() {
    ClaimCheck converges =
        new ClaimCheck(
            "descent converges from starts far less balanced than (34) asks for",
            "002, Theorem 32, equation (34)");
    for (Start start : starts) {
      converges.check(start.iterations >= 0 && start.imbalance > start.allowed);
    }
    String random = "Random chains of depths 2 to 4, noise from 10⁻⁶ to 0.1 on every weight.";
    return List.of(
        near.note(random).claim(),
        layers.note(random).claim(),
        balanced.note(random).claim(),
        norms.note("Where all ‖Δ_i‖ are at most 1/(2n).").claim(),
        smooth.note("At the same chains; the Hessian along a random direction.").claim(),
        converges
            .note(
                "To a gap of 0.01 with a step of 0.02. What (34) allows is "
                    + (starts.isEmpty() ? "unknown" : Numbers.significant(most(), 2))
                    + " at most.")
            .claim());
  }

  private double most() {
    return starts.stream().mapToDouble(Start::allowed).max().orElse(Double.NaN);
  }

  @Override
  public List<Figure> figures() {
    return List.of();
  }

  @Override
  public void describe(StudyResult.Builder result) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Start start : starts) {
      rows.add(
          Row.of(
              "depth", start.depth,
              "imbalance", start.imbalance,
              "allowedBy34", start.allowed,
              "iterations", start.iterations < 0 ? null : start.iterations));
    }
    result.more("approximateBalance", rows);
  }
}
