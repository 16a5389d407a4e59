package dev.evolute.autodiff.graph;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;

/** Where a node's reverse pass reads and writes: the cotangents of its result and of its inputs. */
public final class Adjoint {
  final Matrix[] in;
  final double[] beta;
  Matrix out;
  private Object held;

  Adjoint(int inputs) {
    in = new Matrix[inputs];
    beta = new double[inputs];
  }

  Adjoint(Adjoint original) {
    in = original.in.clone();
    beta = original.beta.clone();
    out = original.out;
  }

  /** Cotangent of the result; null for a term of the loss, whose cotangent is 1. */
  public Matrix out() {
    return out;
  }

  /**
   * Cotangent of input i, to be written as {@code beta(i) * in(i) + ...}; null where none flows.
   */
  public Matrix in(int i) {
    return in[i];
  }

  /** The buffer of {@link #in(int)}. */
  public Buffer inBuffer(int i) {
    return in[i].buffer();
  }

  /** Whether the derivative with respect to input i is wanted. */
  public boolean wants(int i) {
    return in[i] != null;
  }

  /** What {@link #hold} was given, null at first. */
  public Object held() {
    return held;
  }

  /** Keeps what an operation makes of these cotangents in its first pass. */
  public void hold(Object object) {
    held = object;
  }

  boolean wantsAny() {
    for (Matrix cotangent : in) {
      if (cotangent != null) {
        return true;
      }
    }
    return false;
  }

  /** The factor of what {@link #in(int)} holds already: 0 for the first to write it, else 1. */
  public double beta(int i) {
    return beta[i];
  }
}
