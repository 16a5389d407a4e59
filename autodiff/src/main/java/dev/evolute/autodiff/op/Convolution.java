package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.ConvolutionShape;
import dev.evolute.kernels.Kernels;
import java.util.List;

/**
 * {@code y = conv(x, w) + b} for images x pixel by pixel with their channels together (NHWC), one
 * image a row or one pixel a row; weights {@code w [kh kw c x f]} and, as a third input where asked
 * for, a bias {@code b [1 x f]}. The result has one pixel a row, {@code [n h' w' x f]}.
 *
 * <pre>
 *   vjp         dx  = conv_x(dy, w)                      dw  = conv_w(x, dy)    db = sum of dy
 *   jvp         y'  = conv(x', w) + conv(x, w') + b'
 *   vjpTangent  dx' = conv_x(dy', w) + conv_x(dy, w')    dw' = conv_w(x', dy) + conv_w(x, dy')
 * </pre>
 *
 * @param shape sizes, the number of images included
 * @param bias whether there is a bias
 */
public record Convolution(ConvolutionShape shape, boolean bias) implements Op {
  @Override
  public String name() {
    return "convolution";
  }

  @Override
  public int arity() {
    return bias ? 3 : 2;
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Images.check(name(), inputs.get(0), shape.inputLength(), shape);
    Shape expected = new Shape(shape.patch(), shape.filters());
    Images.check(name(), "weights", inputs.get(1), expected);
    if (bias) {
      Images.check(name(), "bias", inputs.get(2), new Shape(1, shape.filters()));
    }
    return Images.pixels(shape.batch(), shape.outputHeight(), shape.outputWidth(), shape.filters());
  }

  @Override
  public boolean readsInputs() {
    return true;
  }

  @Override
  public void forward(Node n) {
    Buffer b = bias ? n.in(2).buffer() : null;
    Buffer y = n.out().buffer();
    n.kernels().convolution(shape, 1, n.in(0).buffer(), n.in(1).buffer(), b, 0, y);
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    Kernels k = n.kernels();
    Buffer dy = d.out().buffer();
    if (d.wants(0)) {
      k.convolutionInput(shape, 1, dy, n.in(1).buffer(), d.beta(0), d.inBuffer(0));
    }
    if (d.wants(1)) {
      k.convolutionWeights(shape, 1, n.in(0).buffer(), dy, d.beta(1), d.inBuffer(1));
    }
    if (bias && d.wants(2)) {
      k.columnSums(d.out(), d.beta(2), d.inBuffer(2));
    }
  }

  @Override
  public void jvp(Node n) {
    Kernels k = n.kernels();
    Buffer x = n.in(0).buffer();
    Buffer w = n.in(1).buffer();
    Buffer b = bias && n.tangentIn(2) != null ? n.tangentIn(2).buffer() : null;
    Buffer y = n.tangentOut().buffer();
    double beta = 0;
    if (n.tangentIn(0) != null) {
      k.convolution(shape, 1, n.tangentIn(0).buffer(), w, b, 0, y);
      b = null;
      beta = 1;
    }
    if (n.tangentIn(1) != null) {
      k.convolution(shape, 1, x, n.tangentIn(1).buffer(), b, beta, y);
    } else if (b != null) {
      k.convolution(shape, 0, x, w, b, 0, y);
    }
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    vjp(n, tangent);
    Kernels k = n.kernels();
    Buffer dy = n.adjoint().out().buffer();
    if (tangent.wants(0) && n.tangentIn(1) != null) {
      k.convolutionInput(shape, 1, dy, n.tangentIn(1).buffer(), 1, tangent.inBuffer(0));
    }
    if (tangent.wants(1) && n.tangentIn(0) != null) {
      k.convolutionWeights(shape, 1, n.tangentIn(0).buffer(), dy, 1, tangent.inBuffer(1));
    }
  }
}
