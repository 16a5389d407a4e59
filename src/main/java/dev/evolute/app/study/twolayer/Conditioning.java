package dev.evolute.app.study.twolayer;

import dev.evolute.app.study.Dense;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.List;

/** How well T_0 is conditioned at random starts of several widths (Figure 4). */
final class Conditioning {
  static final int WIDTH = 0;
  static final int KAPPA = 1;
  static final int KAPPA_DEVIATION = 2;
  static final int RATIO = 3;
  static final int RATIO_DEVIATION = 4;

  private Conditioning() {}

  /**
   * A row a width: the width, mean and deviation over repetitions of {@code kappa = sigma_max(T_0)
   * / sigma_min(T_0)}, and of {@code alpha_1 / alpha_2}.
   */
  static double[][] of(Device device, List<Setting> settings, int repetitions, long seed) {
    List<double[]> rows = new ArrayList<>();
    for (Setting setting : settings) {
      int q = setting.n() + setting.m();
      double[] kappa = new double[repetitions];
      double[] ratio = new double[repetitions];
      for (int r = 0; r < repetitions; r++) {
        Setting.Draw draw = setting.draw(seed, r);
        double[] root = Batch.compressed(device, List.of(draw.stacked()), q).get(0);
        double[] gram = Dense.multiplyByTransposed(q, root.length / q, q, root, root);
        Constants at = Constants.of(draw.problem(), 0, gram, setting.width());
        kappa[r] = Math.sqrt(at.sigmaMax2() / at.sigmaMin2());
        ratio[r] = at.alpha1() / at.alpha2();
      }
      rows.add(
          new double[] {
            setting.width(), mean(kappa), deviation(kappa), mean(ratio), deviation(ratio)
          });
    }
    return rows.toArray(double[][]::new);
  }

  static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double deviation(double[] values) {
    double mean = mean(values);
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / Math.max(1, values.length - 1));
  }
}
