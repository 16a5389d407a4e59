package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.ConvolutionShape;
import dev.evolute.kernels.PoolingShape;

/** Convolution and pooling: {@code images.cu}. */
interface ImagesOnCuda extends OnCuda {
  Symbol CONVOLUTION = Symbol.of("images", "convolution");
  Symbol CONVOLUTION_INPUT = Symbol.of("images", "convolutionInput");
  Symbol CONVOLUTION_WEIGHTS = Symbol.of("images", "convolutionWeights");
  Symbol MAX_POOL = Symbol.of("images", "maxPool");
  Symbol POOL_OUTPUTS = Symbol.of("images", "poolOutputs");
  Symbol POOL_INPUTS = Symbol.of("images", "poolInputs");

  @Override
  default void convolution(
      ConvolutionShape shape,
      double alpha,
      Buffer x,
      Buffer w,
      Buffer bias,
      double beta,
      Buffer y) {
    home("convolution", x, w, bias, y);
    shape.check("convolution", x, w, y);
    if (bias != null) {
      shape.checkBias("convolution", bias);
    }
    Launcher call = launch(CONVOLUTION).real(alpha).at(x).at(w).at(bias).real(beta).at(y);
    sizes(call, shape).over(y.length());
  }

  @Override
  default void convolutionInput(
      ConvolutionShape shape, double alpha, Buffer dy, Buffer w, double beta, Buffer dx) {
    home("convolutionInput", dy, w, dx);
    shape.check("convolutionInput", dx, w, dy);
    Launcher call = launch(CONVOLUTION_INPUT).real(alpha).at(dy).at(w).real(beta).at(dx);
    sizes(call, shape).over(dx.length());
  }

  @Override
  default void convolutionWeights(
      ConvolutionShape shape, double alpha, Buffer x, Buffer dy, double beta, Buffer dw) {
    home("convolutionWeights", x, dy, dw);
    shape.check("convolutionWeights", x, dw, dy);
    Launcher call = launch(CONVOLUTION_WEIGHTS).real(alpha).at(x).at(dy).real(beta).at(dw);
    sizes(call, shape).over(dw.length());
  }

  /** The sizes, after all other arguments; the struct Images has them in this order. */
  private static Launcher sizes(Launcher call, ConvolutionShape s) {
    call.n(s.batch()).n(s.height()).n(s.width()).n(s.channels()).n(s.filters());
    call.n(s.outputHeight()).n(s.outputWidth()).n(s.kernelHeight()).n(s.kernelWidth());
    return call.n(s.stride()).n(s.padding()).n(s.dilation());
  }

  private static Launcher sizes(Launcher call, PoolingShape s) {
    call.n(s.batch()).n(s.height()).n(s.width()).n(s.channels()).n(s.channels());
    call.n(s.outputHeight()).n(s.outputWidth()).n(s.windowHeight()).n(s.windowWidth());
    return call.n(s.stride()).n(s.padding()).n(1);
  }

  @Override
  default void maxPool(PoolingShape shape, Buffer x, Buffer y, Buffer taps) {
    home("maxPool", x, y, taps);
    shape.checkInput("maxPool", x);
    shape.checkOutput("maxPool", y);
    shape.checkOutput("maxPool", taps);
    sizes(launch(MAX_POOL).at(x).at(y).at(taps), shape).over(y.length());
  }

  @Override
  default void maxPoolInput(
      PoolingShape shape, double alpha, Buffer dy, Buffer taps, double beta, Buffer dx) {
    home("maxPoolInput", dy, taps, dx);
    shape.checkOutput("maxPoolInput", taps);
    poolInputs("maxPoolInput", shape, alpha, dy, taps, beta, dx);
  }

  @Override
  default void maxPoolTangent(
      PoolingShape shape, double alpha, Buffer xDot, Buffer taps, double beta, Buffer yDot) {
    home("maxPoolTangent", xDot, taps, yDot);
    shape.checkOutput("maxPoolTangent", taps);
    poolOutputs("maxPoolTangent", shape, alpha, xDot, taps, beta, yDot);
  }

  @Override
  default void averagePool(PoolingShape shape, double alpha, Buffer x, double beta, Buffer y) {
    home("averagePool", x, y);
    poolOutputs("averagePool", shape, alpha / shape.window(), x, null, beta, y);
  }

  @Override
  default void averagePoolInput(
      PoolingShape shape, double alpha, Buffer dy, double beta, Buffer dx) {
    home("averagePoolInput", dy, dx);
    poolInputs("averagePoolInput", shape, alpha / shape.window(), dy, null, beta, dx);
  }

  private void poolOutputs(
      String name, PoolingShape shape, double alpha, Buffer x, Buffer taps, double beta, Buffer y) {
    shape.checkInput(name, x);
    shape.checkOutput(name, y);
    Launcher call = launch(POOL_OUTPUTS).real(alpha).at(x).at(taps).real(beta).at(y);
    sizes(call, shape).over(y.length());
  }

  private void poolInputs(
      String name,
      PoolingShape shape,
      double alpha,
      Buffer dy,
      Buffer taps,
      double beta,
      Buffer dx) {
    shape.checkOutput(name, dy);
    shape.checkInput(name, dx);
    Launcher call = launch(POOL_INPUTS).real(alpha).at(dy).at(taps).real(beta).at(dx);
    sizes(call, shape).over(dx.length());
  }
}
