package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Matrix;
import java.util.List;

/**
 * {@code y = silu(a) (.) b} for {@code [a b] [n x 2 h]}, which stand side by side as one projection
 * leaves them (Shazeer 2020). The formulas of its four derivatives stand in {@link
 * dev.evolute.kernels.SequenceKernels}.
 */
public record SwiGlu() implements Op {
  private record Halves(Matrix a, Matrix b) {
    static Halves of(Matrix x) {
      int h = x.cols() / 2;
      return new Halves(Columns.of(x, 0, h), Columns.of(x, h, h));
    }
  }

  private record Inputs(Halves x, Halves tangent) {}

  @Override
  public String name() {
    return "swiglu";
  }

  @Override
  public int arity() {
    return 1;
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Shape x = inputs.get(0).shape();
    if (x.cols() % 2 != 0) {
      throw new IllegalArgumentException(
          "swiglu: the input is " + x + "; gate and value need an even number of columns");
    }
    return new Shape(x.rows(), x.cols() / 2);
  }

  @Override
  public boolean readsInputs() {
    return true;
  }

  @Override
  public void bind(Node n) {
    Matrix tangent = n.tangentIn(0);
    n.hold(new Inputs(Halves.of(n.in(0)), tangent == null ? null : Halves.of(tangent)));
  }

  @Override
  public void forward(Node n) {
    Halves x = ((Inputs) n.held()).x;
    n.kernels().swiglu(x.a, x.b, n.out());
  }

  private static Halves cotangents(Adjoint d) {
    if (d.held() == null) {
      d.hold(Halves.of(d.in(0)));
    }
    return (Halves) d.held();
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    Halves x = ((Inputs) n.held()).x;
    Halves dx = cotangents(d);
    n.kernels().swigluVjp(x.a, x.b, d.out(), d.beta(0), dx.a, dx.b);
  }

  @Override
  public void jvp(Node n) {
    Inputs in = (Inputs) n.held();
    n.kernels().swigluJvp(in.x.a, in.x.b, in.tangent.a, in.tangent.b, n.tangentOut());
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    Inputs in = (Inputs) n.held();
    Halves dx = cotangents(tangent);
    n.kernels()
        .swigluVjpTangent(
            in.x.a,
            in.x.b,
            n.adjoint().out(),
            in.tangent.a,
            in.tangent.b,
            tangent.out(),
            tangent.beta(0),
            dx.a,
            dx.b);
  }
}
