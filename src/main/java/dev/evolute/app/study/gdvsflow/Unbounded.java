package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.StudyResult;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;

/**
 * Propositions 6, 10 and 22 of paper 002: away from trajectories of gradient flow the smallest
 * eigenvalue of the Hessian of a network of depth 3 or more is as negative as one likes. Their
 * constructions on digits, with the curvature along the direction that they name by Hessian-vector
 * products.
 */
final class Unbounded implements Part {
  private static final double[] SCALES = {1, 10, 100, 1000, 10_000};
  private static final double SAME = 1e-8;

  private final Dataset data;
  private final long seed;

  /** {@code u^T H u / ||u||^2} by scale. */
  private final Map<Network, double[]> quotients = new EnumMap<>(Network.class);

  private final ClaimCheck linear =
      new ClaimCheck("uᵀHu = −c ‖u‖² for every c, linear network", "002, Proposition 6");
  private final ClaimCheck homogeneous =
      new ClaimCheck(
          "uᵀHu as the construction has it, ReLU and convolutional networks",
          "002, Propositions 10 and 22");
  private final ClaimCheck falls =
      new ClaimCheck(
          "λmin ≤ uᵀHu / ‖u‖² falls with the scale without bound, ReLU and convolutional networks",
          "002, Propositions 10 and 22");

  Unbounded(Dataset data, long seed) {
    this.data = data;
    this.seed = seed;
  }

  void measure(Device device) {
    for (Network network : Network.values()) {
      if (!network.covered()) {
        continue;
      }
      try (Program program =
              network.compile(data, device, DType.F64, Program.Purpose.CURVATURE, seed);
          Buffer u = device.allocate(DType.F64, program.size());
          Buffer hu = device.allocate(DType.F64, program.size())) {
        double[] found =
            network == Network.LINEAR
                ? proposition6(program, u, hu)
                : proposition10(program, u, hu);
        synchronized (this) {
          quotients.put(network, found);
        }
      }
    }
  }

  private static double curvature(Program program, Buffer u, Buffer hu) {
    Point.of(program).hessian().apply(u, hu);
    return program.kernels().dot(u, hu);
  }

  private static void write(Buffer all, Value parameter, double[] values) {
    all.write(parameter.offset(), values, 0, values.length);
  }

  /**
   * At {@code W_1 = W_2 = 0}, along U_1 and U_2 alone: {@code u^T H u = 2 <grad phi(0), W_3 U_2
   * U_1>}, so W_3 sets it at will. Here U_1 and W_3 are singular vectors of grad phi(0).
   */
  private double[] proposition6(Program program, Buffer u, Buffer hu) {
    List<Value> w = program.parameters();
    DMatrixRMaj slope = slopeAtZero();
    var svd = DecompositionFactory_DDRM.svd(slope.numRows, slope.numCols, true, true, true);
    svd.decompose(slope.copy());
    DMatrixRMaj left = svd.getU(null, false);
    DMatrixRMaj right = svd.getV(null, false);
    double[] s = svd.getSingularValues();
    SingularOps_DDRM.descendingOrder(left, false, s, s.length, right, false);
    double[] u1 = new double[(int) w.get(0).shape().size()];
    double[] u2 = new double[(int) w.get(1).shape().size()];
    double[] w3 = new double[(int) w.get(2).shape().size()];
    for (int i = 0; i < slope.numCols; i++) {
      u1[i] = right.get(i, 0);
    }
    u2[0] = 1;
    double square = 2;
    u.set(new double[(int) program.size()]);
    write(u, w.get(0), u1);
    write(u, w.get(1), u2);
    double[] found = new double[SCALES.length];
    for (int k = 0; k < SCALES.length; k++) {
      double scale = -SCALES[k] * square / (2 * s[0]);
      for (int i = 0; i < slope.numRows; i++) {
        w3[i * w.get(2).shape().cols()] = scale * left.get(i, 0);
      }
      program.theta().set(new double[(int) program.size()]);
      write(program.theta(), w.get(2), w3);
      double value = curvature(program, u, hu);
      found[k] = value / square;
      linear.check(SAME, Math.abs(found[k] / -SCALES[k] - 1));
    }
    return found;
  }

  /** {@code grad phi(0) = (1/|S|) sum_i (p_0 - y_i) x_i^T} with p_0 uniform. */
  private DMatrixRMaj slopeAtZero() {
    DMatrixRMaj x = DMatrixRMaj.wrap(data.samples(), data.features(), data.inputs());
    DMatrixRMaj residuals = DMatrixRMaj.wrap(data.samples(), data.classes(), data.oneHot());
    CommonOps_DDRM.scale(-1, residuals);
    CommonOps_DDRM.add(residuals, 1.0 / data.classes());
    DMatrixRMaj slope = CommonOps_DDRM.multTransA(residuals, x, null);
    CommonOps_DDRM.scale(1.0 / data.samples(), slope);
    return slope;
  }

  /**
   * With the first two layers scaled by {@code a^-2} and the third by a, along the unscaled first
   * two layers: the output is {@code h / a^3}, its first derivative along u {@code 2 h / a}, half
   * its second {@code a h}. The last layer is turned round where the sum of {@code grad l(0)^T h}
   * is positive.
   */
  private double[] proposition10(Program program, Buffer u, Buffer hu) {
    List<Value> w = program.parameters();
    double[] theta = program.theta().toArray();
    program.value();
    double[] h = program.outputs().buffer().toArray();
    if (pull(h, 0) > 0) {
      Value last = w.get(w.size() - 1);
      for (int i = (int) last.offset(); i < last.offset() + last.shape().size(); i++) {
        theta[i] = -theta[i];
      }
      for (int i = 0; i < h.length; i++) {
        h[i] = -h[i];
      }
    }
    int two = (int) w.get(2).offset();
    int three = two + (int) w.get(2).shape().size();
    double[] direction = Arrays.copyOf(Arrays.copyOf(theta, two), theta.length);
    u.set(direction);
    double square = Math.pow(Curvature.norm(direction), 2);
    double limit = 2 * pull(h, 0) / square;
    double[] found = new double[SCALES.length];
    for (int k = 0; k < SCALES.length; k++) {
      double a = SCALES[k];
      double[] scaled = theta.clone();
      for (int i = 0; i < three; i++) {
        scaled[i] *= i < two ? 1 / (a * a) : a;
      }
      program.theta().set(scaled);
      double value = curvature(program, u, hu);
      double shrunk = 1 / (a * a * a);
      double expected = 2 * a * pull(h, shrunk) + 4 / (a * a) * convex(h, shrunk);
      homogeneous.check(SAME, Math.abs(value / expected - 1));
      found[k] = value / square;
      if (k > 0) {
        falls.check(a * limit / 2, found[k]);
      }
    }
    return found;
  }

  /** {@code (1/|S|) sum_i grad l_i(scale h_i)^T h_i}. */
  private double pull(double[] h, double scale) {
    return mean(h, scale, false);
  }

  /** {@code (1/|S|) sum_i h_i^T Hess l_i(scale h_i) h_i}. */
  private double convex(double[] h, double scale) {
    return mean(h, scale, true);
  }

  private double mean(double[] h, double scale, boolean second) {
    int classes = data.classes();
    double sum = 0;
    for (int i = 0; i < data.samples(); i++) {
      double total = 0;
      double first = 0;
      double square = 0;
      for (int c = 0; c < classes; c++) {
        double value = h[i * classes + c];
        double weight = Math.exp(scale * value);
        total += weight;
        first += weight * value;
        square += weight * value * value;
      }
      first /= total;
      sum += second ? square / total - first * first : first - h[i * classes + data.labels()[i]];
    }
    return sum / data.samples();
  }

  /** The three checks, then a row a network: its number and its quotients. */
  synchronized double[][] state() {
    List<double[]> state =
        new ArrayList<>(List.of(linear.tally(), homogeneous.tally(), falls.tally()));
    quotients.forEach(
        (network, values) -> {
          double[] row = new double[values.length + 1];
          row[0] = network.ordinal();
          System.arraycopy(values, 0, row, 1, values.length);
          state.add(row);
        });
    return state.toArray(new double[0][]);
  }

  synchronized void restore(double[][] state) {
    linear.add(state[0]);
    homogeneous.add(state[1]);
    falls.add(state[2]);
    for (int i = 3; i < state.length; i++) {
      Network network = Network.values()[(int) state[i][0]];
      quotients.put(network, Arrays.copyOfRange(state[i], 1, state[i].length));
    }
  }

  // Claims and figures

  @Override
  public synchronized List<Claim> claims() {
    return List.of(
        linear.note("c from 1 to 10,000, by Hessian-vector products, to 10⁻⁸.").claim(),
        homogeneous.note("Scales from 1 to 10,000, by Hessian-vector products, to 10⁻⁸.").claim(),
        falls.note("Below half the limit of the construction, which is proportional.").claim());
  }

  @Override
  public synchronized List<Figure> figures() {
    Chart.Builder panel =
        Chart.titled("").x("c, or scale a").y("how negative, log scale").logX().logY();
    int colour = 0;
    for (Map.Entry<Network, double[]> e : quotients.entrySet()) {
      double[] negative = Arrays.stream(e.getValue()).map(v -> -v).toArray();
      panel.line(Line.solid(e.getKey().title(), SCALES, negative, colour++));
    }
    return List.of(
        new Figure(
            "unbounded",
            "Away from the flow the smallest eigenvalue has no bound",
            "Minus the curvature along the direction of the constructions of Propositions 6, 10 and"
                + " 22, which λmin is below, against their parameter. On trajectories of the flow"
                + " λmin is bounded; see the smallest eigenvalues along them.",
            "",
            List.of(panel.build())));
  }

  @Override
  public synchronized void describe(StudyResult.Builder result) {
    quotients.forEach(
        (network, values) ->
            result.metric(
                StepSizes.camel(network.label()) + "CurvatureConstructed",
                values[values.length - 1]));
  }
}
