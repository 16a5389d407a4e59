package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.ConvolutionShape;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;

/**
 * Convolution, pooling and batch normalisation of images, with their derivatives: checks, and the
 * split over threads.
 */
interface ImagesOnCpu extends OnCpu {
  /** Multiply-adds of a convolution that take as long as one element of a vector. */
  long CONVOLUTION_WORK = 8;

  Call.Part CONVOLUTION_ROWS =
      (c, from, to) ->
          Convolution.rows(
              (Convolution.Plan) c.shape, (float) c.alpha, c.a, (float) c.beta, c.b, from, to);
  Call.Part CONVOLUTION_SUMS =
      (c, from, to) -> Convolution.sums((Convolution.Plan) c.shape, c.a, c.b, c.m, from, to);

  @Override
  default void convolution(
      ConvolutionShape shape,
      double alpha,
      Buffer x,
      Buffer w,
      Buffer bias,
      double beta,
      Buffer y) {
    String name = "convolution";
    home(name, x, w, y);
    shape.check(name, x, w, y);
    if (bias != null) {
      Shapes.home(name, this, bias);
      shape.checkBias(name, bias);
    }
    Convolution.Plan plan =
        Convolution.outputs(shape, w.segment(), bias == null ? null : bias.segment());
    rows(plan, shape.batch(), alpha, x, beta, y);
  }

  @Override
  default void convolutionInput(
      ConvolutionShape shape, double alpha, Buffer dy, Buffer w, double beta, Buffer dx) {
    String name = "convolutionInput";
    home(name, dy, w, dx);
    shape.check(name, dx, w, dy);
    int phasesY = Math.min(shape.stride(), shape.height());
    int phasesX = Math.min(shape.stride(), shape.width());
    for (int y = 0; y < phasesY; y++) {
      for (int x = 0; x < phasesX; x++) {
        Convolution.Plan plan = Convolution.inputs(shape, w.segment(), y, x);
        rows(plan, shape.batch(), alpha, dy, beta, dx);
      }
    }
  }

  @Override
  default void convolutionWeights(
      ConvolutionShape shape, double alpha, Buffer x, Buffer dy, double beta, Buffer dw) {
    String name = "convolutionWeights";
    home(name, x, dy, dw);
    shape.check(name, x, dw, dy);
    Convolution.Plan plan = Convolution.weights(shape);
    Call call = call().memory(x.segment(), dy.segment());
    call.shape = plan;
    call.m = alpha == 0 ? 0 : shape.batch();
    long items = (long) plan.splits * plan.tiles;
    long work = shape.outputLength() * shape.patch() / CONVOLUTION_WORK / items;
    call.split(items, work, CONVOLUTION_SUMS);
    Convolution.total(plan, (float) alpha, (float) beta, dw.segment());
  }

  private void rows(
      Convolution.Plan plan, int images, double alpha, Buffer from, double beta, Buffer to) {
    Call call = call().memory(from.segment(), to.segment()).scalars(alpha, beta);
    call.shape = plan;
    long work = (long) plan.width * plan.columns * (1 + plan.patch / CONVOLUTION_WORK);
    if (alpha == 0) {
      plan.patch = 0;
    }
    call.split((long) images * plan.height, work, CONVOLUTION_ROWS);
  }

  private void home(String kernel, Buffer a, Buffer b, Buffer c) {
    Shapes.home(kernel, this, a);
    Shapes.home(kernel, this, b);
    Shapes.home(kernel, this, c);
  }
}
