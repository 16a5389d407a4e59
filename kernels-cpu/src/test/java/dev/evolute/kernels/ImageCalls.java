package dev.evolute.kernels;

import java.util.function.BiFunction;

/** The calls of {@link ImageKernels}, on more images where the matrices have more rows. */
final class ImageCalls {
  private ImageCalls() {}

  static void addTo(KernelCalls list) {
    for (int[] s : list.matrices) {
      batchNorm(list, s[0], s[1], true);
      if (s[1] < 20) {
        continue;
      }
      int images = Math.clamp(s[0] / 40, 2, 20);
      String of = " of " + images + " x 9 x 8 x 20";
      convolutions(list, of, ConvolutionShape.of(images, 9, 8, 20, 11, 3).withPadding(1));
      convolutions(list, of + " by 2", ConvolutionShape.of(images, 9, 8, 20, 40, 2).withStride(2));
      pooling(list, of, new PoolingShape(images, 9, 8, 20, 3, 2, 2, 1));
      batchNorm(list, s[0], s[1], false);
    }
  }

  private static void convolutions(KernelCalls list, String of, ConvolutionShape s) {
    list.add(
        "convolution" + of,
        w -> {
          Buffer x = w.vector(w.gaussians((int) s.inputLength()));
          Buffer weights = w.vector(w.gaussians((int) s.weightsLength()));
          Buffer bias = w.vector(w.gaussians(s.filters()));
          Buffer y = w.vector(w.gaussians((int) s.outputLength()));
          return new KernelCalls.Prepared(
              () -> w.kernels.convolution(s, 0.7, x, weights, bias, 0.3, y), y);
        });
    list.add(
        "convolutionInput" + of,
        w -> {
          Buffer dy = w.vector(w.gaussians((int) s.outputLength()));
          Buffer weights = w.vector(w.gaussians((int) s.weightsLength()));
          Buffer dx = w.vector(w.gaussians((int) s.inputLength()));
          return new KernelCalls.Prepared(
              () -> w.kernels.convolutionInput(s, 0.7, dy, weights, 0.3, dx), dx);
        });
    list.add(
        "convolutionWeights" + of,
        w -> {
          Buffer x = w.vector(w.gaussians((int) s.inputLength()));
          Buffer dy = w.vector(w.gaussians((int) s.outputLength()));
          Buffer dw = w.vector(w.gaussians((int) s.weightsLength()));
          return new KernelCalls.Prepared(
              () -> w.kernels.convolutionWeights(s, 0.7, x, dy, 0.3, dw), dw);
        });
  }

  private static void pooling(KernelCalls list, String of, PoolingShape s) {
    list.add(
        "maxPool" + of,
        w -> {
          Buffer x = w.vector(w.gaussians((int) s.inputLength()));
          Buffer y = w.vector(w.gaussians((int) s.outputLength()));
          Buffer taps = w.vector(w.gaussians((int) s.outputLength()));
          return new KernelCalls.Prepared(() -> w.kernels.maxPool(s, x, y, taps), y, taps);
        });
    pooled(
        list,
        "maxPoolInput" + of,
        s,
        false,
        (w, b) -> () -> w.kernels.maxPoolInput(s, 0.7, b[1], b[2], 0.3, b[0]));
    pooled(
        list,
        "maxPoolTangent" + of,
        s,
        true,
        (w, b) -> () -> w.kernels.maxPoolTangent(s, 0.7, b[0], b[2], 0.3, b[1]));
    pooled(
        list,
        "averagePool" + of,
        s,
        true,
        (w, b) -> () -> w.kernels.averagePool(s, 0.7, b[0], 0.3, b[1]));
    pooled(
        list,
        "averagePoolInput" + of,
        s,
        false,
        (w, b) -> () -> w.kernels.averagePoolInput(s, 0.7, b[1], 0.3, b[0]));
  }

  /** A call on input, output and taps; it writes the output, or the input. */
  private static void pooled(
      KernelCalls list,
      String name,
      PoolingShape s,
      boolean forward,
      BiFunction<Workspace, Buffer[], Runnable> call) {
    list.add(
        name,
        w -> {
          double[] taps = PoolingFacts.taps(s, w.gaussians((int) s.inputLength()));
          Buffer[] b = {
            w.vector(w.gaussians((int) s.inputLength())),
            w.vector(w.gaussians((int) s.outputLength())),
            w.vector(taps)
          };
          return new KernelCalls.Prepared(call.apply(w, b), b[forward ? 1 : 0]);
        });
  }

  private static void batchNorm(KernelCalls list, int n, int d, boolean training) {
    String of = (training ? "" : " in evaluation") + " [" + n + " x " + d + "]";
    normal(
        list,
        "batchNorm" + of,
        n,
        d,
        training,
        (w, o) ->
            new KernelCalls.Prepared(
                () -> w.kernels.batchNorm(o.statistics, o.x, o.gamma, o.bias, o.out),
                o.out,
                o.statistics.rstd(),
                o.statistics.runningVariance()));
    normal(
        list,
        "batchNormVjp" + of,
        n,
        d,
        training,
        (w, o) ->
            new KernelCalls.Prepared(
                () ->
                    w.kernels.batchNormVjp(
                        o.statistics, o.x, o.gamma, o.u, 0.3, o.out, 0.3, o.row, o.other),
                o.out,
                o.row,
                o.other));
    normal(
        list,
        "batchNormJvp" + of,
        n,
        d,
        training,
        (w, o) ->
            new KernelCalls.Prepared(
                () ->
                    w.kernels.batchNormJvp(
                        o.statistics, o.x, o.gamma, o.u, o.bias, o.bias, 0.3, o.out),
                o.out));
    normal(
        list,
        "batchNormVjpTangent" + of,
        n,
        d,
        training,
        (w, o) ->
            new KernelCalls.Prepared(
                () ->
                    w.kernels.batchNormVjpTangent(
                        o.statistics,
                        o.x,
                        o.gamma,
                        o.u,
                        o.v,
                        o.bias,
                        o.u,
                        0.3,
                        o.out,
                        0.3,
                        o.row,
                        o.other),
                o.out,
                o.row,
                o.other));
  }

  /** The operands of a batch normalisation whose forward pass has been made. */
  private record Normal(
      BatchStatistics statistics,
      Matrix x,
      Matrix u,
      Matrix v,
      Matrix out,
      Buffer gamma,
      Buffer bias,
      Buffer row,
      Buffer other) {}

  private static void normal(
      KernelCalls list,
      String name,
      int n,
      int d,
      boolean training,
      BiFunction<Workspace, Normal, KernelCalls.Prepared> call) {
    list.add(
        name,
        w -> {
          Buffer[] rows = new Buffer[4];
          for (int i = 0; i < 4; i++) {
            rows[i] = w.own(w.device.allocate(DType.F64, d));
          }
          Normal o =
              new Normal(
                  new BatchStatistics(training, 1e-3, 0.1, rows[0], rows[1], rows[2], rows[3]),
                  w.dense(n, d, w.gaussians(n * d)),
                  w.dense(n, d, w.gaussians(n * d)),
                  w.dense(n, d, w.gaussians(n * d)),
                  w.dense(n, d, w.gaussians(n * d)),
                  w.vector(w.gaussians(d)),
                  w.vector(w.gaussians(d)),
                  w.vector(w.gaussians(d)),
                  w.vector(w.gaussians(d)));
          w.kernels.batchNorm(o.statistics, o.x, o.gamma, o.bias, o.out);
          return call.apply(w, o);
        });
  }
}
