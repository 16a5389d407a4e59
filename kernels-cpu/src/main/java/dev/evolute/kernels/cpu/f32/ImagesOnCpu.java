package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.BatchStatistics;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.ConvolutionShape;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.PoolingShape;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;
import java.lang.foreign.MemorySegment;

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
  Call.Part MAXIMA =
      (c, from, to) -> Pooling.maxima((PoolingShape) c.shape, c.a, c.b, c.c, from, to);
  Call.Part POOL_OUTPUTS =
      (c, from, to) ->
          Pooling.outputs(
              (PoolingShape) c.shape, (float) c.alpha, c.a, c.b, (float) c.beta, c.c, from, to);
  Call.Part POOL_INPUTS =
      (c, from, to) ->
          Pooling.inputs(
              (PoolingShape) c.shape, (float) c.alpha, c.a, c.b, (float) c.beta, c.c, from, to);
  Call.Part MOMENTS = (c, from, to) -> BatchNorm.moments((BatchNorm.Work) c.shape, c.a, from, to);
  Call.Part SCALE = (c, from, to) -> BatchNorm.scale((BatchNorm.Work) c.shape, c.a, c.e, from, to);
  Call.Part PAIRS = (c, from, to) -> BatchNorm.pairs((BatchNorm.Work) c.shape, c.a, c.b, from, to);
  Call.Part COMBINE =
      (c, from, to) ->
          BatchNorm.combine((BatchNorm.Work) c.shape, c.a, c.b, (float) c.beta, c.e, from, to);
  Call.Part TANGENT_SUMS =
      (c, from, to) -> BatchNorm.sums((BatchNorm.Work) c.shape, c.a, c.b, c.c, c.d, from, to);
  Call.Part TANGENT =
      (c, from, to) ->
          BatchNorm.combine(
              (BatchNorm.Work) c.shape, c.a, c.b, c.c, c.d, (float) c.beta, c.e, from, to);

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

  @Override
  default void maxPool(PoolingShape shape, Buffer x, Buffer y, Buffer taps) {
    home("maxPool", x, y, taps);
    shape.checkInput("maxPool", x);
    shape.checkOutput("maxPool", y);
    shape.checkOutput("maxPool", taps);
    Call call = call().memory(x.segment(), y.segment(), taps.segment());
    call.shape = shape;
    long rows = (long) shape.batch() * shape.outputHeight();
    call.split(rows, (long) shape.window() * shape.channels() * shape.outputWidth(), MAXIMA);
  }

  @Override
  default void maxPoolInput(
      PoolingShape shape, double alpha, Buffer dy, Buffer taps, double beta, Buffer dx) {
    home("maxPoolInput", dy, taps, dx);
    shape.checkOutput("maxPoolInput", taps);
    poolInputs("maxPoolInput", shape, alpha, dy, taps.segment(), beta, dx);
  }

  @Override
  default void maxPoolTangent(
      PoolingShape shape, double alpha, Buffer xDot, Buffer taps, double beta, Buffer yDot) {
    home("maxPoolTangent", xDot, taps, yDot);
    shape.checkOutput("maxPoolTangent", taps);
    poolOutputs("maxPoolTangent", shape, alpha, xDot, taps.segment(), beta, yDot);
  }

  @Override
  default void averagePool(PoolingShape shape, double alpha, Buffer x, double beta, Buffer y) {
    home("averagePool", x, x, y);
    poolOutputs("averagePool", shape, alpha / shape.window(), x, null, beta, y);
  }

  @Override
  default void averagePoolInput(
      PoolingShape shape, double alpha, Buffer dy, double beta, Buffer dx) {
    home("averagePoolInput", dy, dy, dx);
    poolInputs("averagePoolInput", shape, alpha / shape.window(), dy, null, beta, dx);
  }

  private void poolOutputs(
      String name,
      PoolingShape shape,
      double alpha,
      Buffer x,
      MemorySegment taps,
      double beta,
      Buffer y) {
    shape.checkInput(name, x);
    shape.checkOutput(name, y);
    Call call = call().memory(x.segment(), taps, y.segment()).scalars(alpha, beta);
    call.shape = shape;
    long rows = (long) shape.batch() * shape.outputHeight();
    call.split(rows, (long) shape.window() * shape.channels() * shape.outputWidth(), POOL_OUTPUTS);
  }

  private void poolInputs(
      String name,
      PoolingShape shape,
      double alpha,
      Buffer dy,
      MemorySegment taps,
      double beta,
      Buffer dx) {
    shape.checkOutput(name, dy);
    shape.checkInput(name, dx);
    Call call = call().memory(dy.segment(), taps, dx.segment()).scalars(alpha, beta);
    call.shape = shape;
    long rows = (long) shape.batch() * shape.height();
    call.split(rows, 2L * shape.channels() * shape.width(), POOL_INPUTS);
  }

  @Override
  default void batchNorm(BatchStatistics s, Matrix x, Buffer gamma, Buffer bias, Matrix y) {
    String name = "batchNorm";
    s.check(name, x);
    channels(name, x, gamma);
    channels(name, x, bias);
    rows(name, x, x, y);
    BatchNorm.Work work = BatchNorm.work(x.rows(), x.cols(), 2);
    Call call = statistics(work, x, y, 0);
    if (s.training()) {
      call.split(work.blocks(), 4L * BatchNorm.BLOCK * x.cols(), MOMENTS);
      BatchNorm.train(work, s);
    } else {
      BatchNorm.evaluate(work, s);
    }
    BatchNorm.load(work, s, gamma, null, bias);
    BatchNorm.forward(work);
    call.split(x.rows(), x.cols(), SCALE);
  }

  @Override
  default void batchNormVjp(
      BatchStatistics s,
      Matrix x,
      Buffer gamma,
      Matrix dy,
      double beta,
      Matrix dx,
      double betaParameters,
      Buffer dgamma,
      Buffer dbias) {
    String name = "batchNormVjp";
    s.check(name, x);
    channels(name, x, gamma);
    channels(name, x, dgamma);
    channels(name, x, dbias);
    rows(name, x, dy, dx);
    BatchNorm.Work work = BatchNorm.work(x.rows(), x.cols(), 2);
    BatchNorm.load(work, s, gamma, null, null);
    Call call = statistics(work, x, dx, beta);
    call.b = dy.buffer().segment();
    call.split(work.blocks(), 4L * BatchNorm.BLOCK * x.cols(), PAIRS);
    BatchNorm.total(work);
    BatchNorm.vjp(work, s.training(), (float) betaParameters, dgamma.segment(), dbias.segment());
    call.split(x.rows(), x.cols(), COMBINE);
  }

  @Override
  default void batchNormJvp(
      BatchStatistics s,
      Matrix x,
      Buffer gamma,
      Matrix xDot,
      Buffer gammaDot,
      Buffer biasDot,
      double beta,
      Matrix yDot) {
    String name = "batchNormJvp";
    s.check(name, x);
    channels(name, x, gamma);
    channels(name, x, gammaDot);
    channels(name, x, biasDot);
    rows(name, x, xDot, yDot);
    BatchNorm.Work work = BatchNorm.work(x.rows(), x.cols(), 2);
    BatchNorm.load(work, s, gamma, gammaDot, biasDot);
    Call call = statistics(work, x, yDot, beta);
    call.b = xDot.buffer().segment();
    if (s.training()) {
      call.split(work.blocks(), 4L * BatchNorm.BLOCK * x.cols(), PAIRS);
      BatchNorm.total(work);
    }
    BatchNorm.jvp(work, s.training());
    call.split(x.rows(), x.cols(), COMBINE);
  }

  @Override
  default void batchNormVjpTangent(
      BatchStatistics s,
      Matrix x,
      Buffer gamma,
      Matrix dy,
      Matrix xDot,
      Buffer gammaDot,
      Matrix dyDot,
      double beta,
      Matrix dxDot,
      double betaParameters,
      Buffer dgammaDot,
      Buffer dbiasDot) {
    String name = "batchNormVjpTangent";
    s.check(name, x);
    channels(name, x, gamma);
    channels(name, x, gammaDot);
    channels(name, x, dgammaDot);
    channels(name, x, dbiasDot);
    rows(name, x, dy, dxDot);
    rows(name, x, xDot, dyDot);
    BatchNorm.Work work = BatchNorm.work(x.rows(), x.cols(), 7);
    BatchNorm.load(work, s, gamma, gammaDot, null);
    Call call = statistics(work, x, dxDot, beta);
    call.b = dy.buffer().segment();
    call.c = xDot.buffer().segment();
    call.d = dyDot.buffer().segment();
    call.split(work.blocks(), 12L * BatchNorm.BLOCK * x.cols(), TANGENT_SUMS);
    BatchNorm.total(work);
    BatchNorm.tangent(
        work, s.training(), (float) betaParameters, dgammaDot.segment(), dbiasDot.segment());
    call.split(x.rows(), x.cols(), TANGENT);
  }

  /** The call of a batch normalisation: reads x from the first slot, writes to the fifth. */
  private Call statistics(BatchNorm.Work work, Matrix x, Matrix out, double beta) {
    Call call = call().memory(x.buffer().segment()).scalars(1, beta);
    call.e = out.buffer().segment();
    call.shape = work;
    return call;
  }

  /** One number a channel, or none. */
  private void channels(String kernel, Matrix x, Buffer row) {
    if (row != null) {
      Shapes.home(kernel, this, row);
      Shapes.row(kernel, x, row);
    }
  }

  private void rows(String kernel, Matrix x, Matrix a, Matrix b) {
    home(kernel, x.buffer(), a.buffer(), b.buffer());
    Shapes.sameShape(kernel, x, a);
    Shapes.sameShape(kernel, x, b);
    Shapes.dense(kernel, a);
    Shapes.dense(kernel, b);
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
