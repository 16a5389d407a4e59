package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;

/** Element-wise arithmetic: {@code vectors.cu}. */
interface VectorsOnCuda extends OnCuda {
  Symbol FILL = Symbol.of("vectors", "fill");
  Symbol AXPBY = Symbol.of("vectors", "axpby");
  Symbol MUL = Symbol.of("vectors", "mul");
  Symbol MUL_ADD = Symbol.of("vectors", "mulAdd");
  Symbol ADD_ROW = Symbol.of("vectors", "addRow");
  Symbol SCALE_ROWS = Symbol.of("vectors", "scaleRows");
  Symbol MULTIPLY_ADDS = Symbol.of("vectors", "multiplyAdds");

  /** Of a thread of multiplyAdds. */
  int CHAINS = 8;

  @Override
  default void fill(double value, Buffer x) {
    Shapes.home("fill", this, x);
    launch(FILL).n(x.length()).real(value).at(x).over(x.length());
  }

  @Override
  default void copy(Buffer x, Buffer y) {
    alike("copy", x, y);
    CudaBuffer from = (CudaBuffer) x;
    CudaBuffer to = (CudaBuffer) y;
    CudaDevice device = (CudaDevice) device();
    device.copy(from.address(), to.address(), x.length() * dtype().bytes());
  }

  @Override
  default void axpby(double alpha, Buffer x, double beta, Buffer y) {
    alike("axpby", x, y);
    launch(AXPBY).n(x.length()).real(alpha).at(x).real(beta).at(y).over(x.length());
  }

  @Override
  default void mul(Buffer a, Buffer b, double beta, Buffer y) {
    alike("mul", y, a, b);
    launch(MUL).n(y.length()).at(a).at(b).real(beta).at(y).over(y.length());
  }

  @Override
  default void mulAdd(Buffer a, Buffer b, Buffer c, Buffer d, double beta, Buffer y) {
    alike("mulAdd", y, a, b, c, d);
    launch(MUL_ADD).n(y.length()).at(a).at(b).at(c).at(d).real(beta).at(y).over(y.length());
  }

  @Override
  default void addRow(Matrix x, Buffer row, Matrix y) {
    alike("addRow", x, y);
    home("addRow", row);
    Shapes.row("addRow", x, row);
    launch(ADD_ROW)
        .n(x.rows())
        .i(x.cols())
        .at(x.buffer())
        .at(row)
        .at(y.buffer())
        .over(OnCuda.size(x));
  }

  @Override
  default void scaleRows(double alpha, Matrix x, Buffer column, double beta, Matrix y) {
    alike("scaleRows", x, y);
    home("scaleRows", column);
    Shapes.column("scaleRows", x, column);
    Launcher scale =
        launch(SCALE_ROWS).n(x.rows()).i(x.cols()).real(alpha).at(x.buffer()).at(column);
    scale.real(beta).at(y.buffer()).over(OnCuda.size(x));
  }

  @Override
  default double multiplyAdds(int rounds) {
    Shapes.rounds("multiplyAdds", rounds);
    int blocks = ((CudaDevice) device()).blocks();
    launch(MULTIPLY_ADDS).i(rounds).at(scratch().shares(1)).on(blocks);
    return 2.0 * CHAINS * rounds * blocks * Launcher.THREADS;
  }
}
