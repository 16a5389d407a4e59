package dev.evolute.kernels;

import dev.evolute.kernels.cpu.EmulatedDevice;
import java.util.Random;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.mkl.global.mkl_rt;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Six products of BF16 have at most 1.5 times the largest error that oneMKL's sgemm has, against
 * fp64: on the interpreted matrix unit, and on the processor's own where it has one.
 */
final class SgemmErrorTest {
  private static final int ROW_MAJOR = 101;
  private static final int NOT_TRANSPOSED = 111;
  private static final double RATIO = 1.5;

  private static float[] sgemm(ProductProblem p) {
    float[] c = new float[p.m() * p.n()];
    try (FloatPointer a = pointer(p.a());
        FloatPointer b = pointer(p.b());
        FloatPointer result = new FloatPointer((long) c.length)) {
      mkl_rt.cblas_sgemm(
          ROW_MAJOR,
          NOT_TRANSPOSED,
          NOT_TRANSPOSED,
          p.m(),
          p.n(),
          p.k(),
          1,
          a,
          p.k(),
          b,
          p.n(),
          0,
          result,
          p.n());
      result.get(c);
    }
    return c;
  }

  private static FloatPointer pointer(double[] x) {
    return new FloatPointer(floats(x));
  }

  private static float[] floats(double[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (float) x[i];
    }
    return y;
  }

  private static double[] doubles(float[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i];
    }
    return y;
  }

  @ParameterizedTest
  @CsvSource({"48, 40, 64, 100", "33, 70, 300, 16", "48, 40, 512, 16", "40, 48, 1500, 8"})
  void sixProductsAreAsExactAsOneMkl(int m, int n, int k, int draws, TestReporter reporter) {
    for (Device six : EmulatedDevice.all(1, Precision.BF16X6)) {
      for (String kind : ProductProblem.KINDS) {
        Random random = new Random(k);
        ErrorRatio ratio = new ErrorRatio();
        for (int draw = 0; draw < draws; draw++) {
          ProductProblem problem = ProductProblem.of(kind, m, n, k, random);
          ratio.add(problem, problem.on(six), doubles(sgemm(problem)));
        }
        String what = "%s, %d x %d x %d".formatted(kind, m, n, k);
        reporter.publishEntry(what, ratio.toString());
        ratio.assertAtMost(RATIO, what + ", beside oneMKL");
      }
      six.close();
    }
  }
}
