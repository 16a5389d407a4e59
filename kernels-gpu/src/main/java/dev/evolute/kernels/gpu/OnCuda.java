package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;

/**
 * What the kernel families of the CUDA device share. Each family is an interface of default methods
 * that check shapes and launch; its kernels stand in a {@code .cu} file beside it.
 */
interface OnCuda extends Kernels {
  /** Rows at least this long get a block of threads each, others a warp. */
  int LONG_ROW = 1024;

  /** Lanes of a warp; the kernels' own LANES. */
  int LANES = 32;

  /** Begins a launch. */
  Launcher launch(Symbol kernel);

  Scratch scratch();

  /** Threads for each row. */
  static int width(int cols) {
    return cols < LONG_ROW ? LANES : Launcher.THREADS;
  }

  /** Begins a launch over the rows of a matrix: their number, length and width. */
  default Launcher launchRows(Symbol kernel, Matrix x) {
    return launch(kernel).n(x.rows()).i(x.cols()).i(width(x.cols()));
  }

  /** Blocks for the rows of x. */
  static int rowBlocks(Matrix x) {
    return Math.ceilDiv(x.rows(), Launcher.THREADS / width(x.cols()));
  }

  /** Elements of a matrix. */
  static long size(Matrix x) {
    return (long) x.rows() * x.cols();
  }

  /** The buffers have this type; null stands for none. */
  default void home(String kernel, Buffer... buffers) {
    for (Buffer x : buffers) {
      if (x != null) {
        Shapes.home(kernel, this, x);
      }
    }
  }

  /** Dense matrices of this type and of one shape; null stands for none. */
  default void alike(String kernel, Matrix x, Matrix... others) {
    Shapes.home(kernel, this, x.buffer());
    Shapes.dense(kernel, x);
    for (Matrix other : others) {
      if (other != null) {
        Shapes.home(kernel, this, other.buffer());
        Shapes.dense(kernel, other);
        Shapes.sameShape(kernel, x, other);
      }
    }
  }

  /** Vectors of this type and of one length; null stands for none. */
  default void alike(String kernel, Buffer x, Buffer... others) {
    Shapes.home(kernel, this, x);
    for (Buffer other : others) {
      if (other != null) {
        Shapes.home(kernel, this, other);
        Shapes.sameLength(kernel, x, other);
      }
    }
  }

  /** The buffer of a matrix that may be missing. */
  static Buffer buffer(Matrix x) {
    return x == null ? null : x.buffer();
  }
}
