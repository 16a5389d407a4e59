package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** Operands that do not fit are named in the message, and nothing is written. */
interface ErrorFacts {
  static void refused(Executable call, String... named) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    for (String name : named) {
      assertTrue(message.contains(name), "'" + name + "' is missing in: " + message);
    }
  }

  @EveryWorkspace
  default void gemmNamesBothShapes(Workspace w) {
    w.start(1);
    Kernels k = w.kernels;
    Matrix a = w.matrix(4, 6, 1, false, w.gaussians(24));
    Matrix b = w.matrix(5, 3, 0, true, w.gaussians(15));
    Matrix c = w.dense(4, 3, w.gaussians(12));
    refused(() -> k.gemm(1, a, b, 0, c), "[4 x 6]", "[5 x 3]");
    Matrix fits = w.dense(6, 3, w.gaussians(18));
    Matrix wrongRows = w.dense(2, 3, w.gaussians(6));
    Matrix wrongCols = w.dense(4, 2, w.gaussians(8));
    refused(() -> k.gemm(1, a, fits, 0, wrongRows), "[4 x 3]", "[2 x 3]");
    refused(() -> k.gemm(1, a, fits, 0, wrongCols), "[4 x 3]", "[4 x 2]");
    refused(() -> k.gemm(1, a, fits, 0, c.t()), "[4 x 3]", "[3 x 4]");
    try (PackedMatrix right = k.pack(b);
        PackedMatrix left = k.pack(a.t())) {
      refused(() -> k.gemm(1, a, right, 0, c), "[4 x 6]", "[5 x 3]");
      refused(() -> k.gemm(1, left.t(), b, 0, c), "[4 x 6]", "[5 x 3]");
      refused(() -> k.gemm(1, left.t(), fits, 0, wrongCols), "[4 x 3]", "[4 x 2]");
    }
    w.nothingChangedBut("refused gemm");
  }

  @EveryWorkspace
  default void vectorKernelsNameBothLengths(Workspace w) {
    w.start(2);
    Kernels k = w.kernels;
    Buffer x = w.vector(w.gaussians(19));
    Buffer other = w.vector(w.gaussians(23));
    String[] both = {"19", "23"};
    refused(() -> k.copy(x, other), both);
    refused(() -> k.axpby(1, x, 1, other), both);
    refused(() -> k.mul(other, x, 0, x), both);
    refused(() -> k.mul(x, other, 0, x), both);
    refused(() -> k.mul(x, x, 0, other), both);
    refused(() -> k.mulAdd(other, x, x, x, 0, x), both);
    refused(() -> k.mulAdd(x, other, x, x, 0, x), both);
    refused(() -> k.mulAdd(x, x, other, x, 0, x), both);
    refused(() -> k.mulAdd(x, x, x, other, 0, x), both);
    refused(() -> k.mulAdd(x, x, x, x, 0, other), both);
    refused(() -> k.dot(x, other), both);
    refused(() -> k.axpbyDot(1, other, 1, x, x), both);
    refused(() -> k.axpbyDot(1, x, 1, x, other), both);
    refused(() -> k.activation(Activation.TANH, x, other, null, null), both);
    refused(() -> k.activation(Activation.TANH, x, null, other, null), both);
    refused(() -> k.activation(Activation.TANH, x, null, null, other), both);
    try (Buffer scalar = w.device.allocate(DType.F64, 1);
        Buffer two = w.device.allocate(DType.F64, 2);
        Buffer single = w.device.allocate(DType.F32, 1)) {
      refused(() -> k.dot(1, x, other, scalar), both);
      refused(() -> k.dot(1, x, x, two), "2", "F64");
      refused(() -> k.dot(1, x, x, single), "F32", "F64");
    }
    w.nothingChangedBut("refused vectors");
  }

  @EveryWorkspace
  default void krylovKernelsNameTheirOperands(Workspace w) {
    w.start(3);
    Kernels k = w.kernels;
    Matrix v = w.dense(4, 19, w.gaussians(76));
    Buffer x = w.vector(w.gaussians(19));
    Buffer other = w.vector(w.gaussians(23));
    refused(() -> k.dots(v, other, new double[4]), "[4 x 19]", "23");
    refused(() -> k.dots(v, x, new double[3]), "[4 x 19]", "3");
    refused(() -> k.dots(v.t(), w.vector(1, 2, 3, 4), new double[19]), "[19 x 4]");
    refused(() -> k.combine(new double[4], v, other), "[4 x 19]", "23");
    refused(() -> k.combine(new double[3], v, x), "[4 x 19]", "3");
    try (Buffer three = k.device().allocate(DType.F64, 3);
        Buffer singles = k.device().allocate(DType.F32, 4)) {
      refused(() -> k.dots(v, x, three), "[4 x 19]", "3 coefficients of F64");
      refused(() -> k.combine(1, singles, v, x), "[4 x 19]", "4 coefficients of F32");
      refused(() -> k.nrm2(x, three), "one F64 element");
      refused(() -> k.divide(x, three, x), "one F64 element");
    }
    w.nothingChangedBut("refused rows");
  }

  @EveryWorkspace
  default void rowAndSoftmaxKernelsNameBothShapes(Workspace w) {
    w.start(4);
    Kernels k = w.kernels;
    Matrix x = w.dense(4, 6, w.gaussians(24));
    Matrix same = w.dense(4, 6, w.gaussians(24));
    Matrix other = w.dense(6, 4, w.gaussians(24));
    Buffer row = w.vector(w.gaussians(6));
    Buffer wrong = w.vector(w.gaussians(7));
    String[] both = {"[4 x 6]", "[6 x 4]"};
    refused(() -> k.addRow(x, row, other), both);
    refused(() -> k.addRow(x, wrong, same), "[4 x 6]", "7");
    refused(() -> k.scaleRows(1, x, w.vector(1, 2, 3, 4), 0, other), both);
    refused(() -> k.scaleRows(1, x, row, 0, same), "[4 x 6]", "6", "needs 4");
    refused(() -> k.columnSums(x, 0, wrong), "[4 x 6]", "7");
    refused(() -> k.rowSums(x, 0, wrong), "[4 x 6]", "7", "4");
    refused(() -> k.rowMax(x, wrong), "[4 x 6]", "7", "4");
    refused(() -> k.rowLogSumExp(x, wrong), "[4 x 6]", "7", "4");
    refused(() -> k.rowArgmax(x, new int[3]), "[4 x 6]", "3");
    refused(() -> k.rowArgmax(w.dense(4, 0), new int[4]), "[4 x 0]", "at least one");
    Buffer empty = w.vector();
    refused(() -> k.argmax(empty), "argmax", "empty");
    refused(() -> k.argmin(empty), "argmin", "empty");
    refused(() -> k.softmaxTangent(1, x, other, 0, same), both);
    refused(() -> k.softmaxTangent(1, x, same, 0, other), both);
    try (Buffer loss = w.device.allocate(DType.F64, 1);
        Buffer two = w.device.allocate(DType.F64, 2)) {
      refused(() -> k.softmaxCrossEntropy(1, x, other, same, loss), both);
      refused(() -> k.softmaxCrossEntropy(1, x, same, other, loss), both);
      refused(() -> k.softmaxCrossEntropy(1, x, x, same, two), "2", "F64");
    }
    w.nothingChangedBut("refused matrices");
  }

  @EveryWorkspace
  default void kernelsThatNeedDenseMatricesSaySo(Workspace w) {
    w.start(5);
    Kernels k = w.kernels;
    Matrix x = w.dense(4, 6, w.gaussians(24));
    Matrix y = w.dense(4, 6, w.gaussians(24));
    Buffer row = w.vector(w.gaussians(6));
    try (Buffer loss = w.device.allocate(DType.F64, 1)) {
      for (boolean transposed : new boolean[] {false, true}) {
        Matrix loose = w.matrix(4, 6, 2, transposed, w.gaussians(24));
        String[] named = {"[4 x 6]", "dense"};
        refused(() -> k.addRow(loose, row, y), named);
        refused(() -> k.addRow(x, row, loose), named);
        refused(() -> k.scaleRows(1, loose, w.vector(1, 2, 3, 4), 0, y), named);
        refused(() -> k.scaleRows(1, x, w.vector(1, 2, 3, 4), 0, loose), named);
        refused(() -> k.columnSums(loose, 0, row), named);
        Buffer column = w.vector(w.gaussians(4));
        refused(() -> k.rowSums(loose, 0, column), named);
        refused(() -> k.rowMax(loose, column), named);
        refused(() -> k.rowLogSumExp(loose, column), named);
        refused(() -> k.rowArgmax(loose, new int[4]), named);
        refused(() -> k.softmaxCrossEntropy(1, loose, x, y, loss), named);
        refused(() -> k.softmaxCrossEntropy(1, x, loose, y, loss), named);
        refused(() -> k.softmaxCrossEntropy(1, x, x, loose, loss), named);
        refused(() -> k.softmaxTangent(1, loose, x, 0, y), named);
        refused(() -> k.softmaxTangent(1, x, loose, 0, y), named);
        refused(() -> k.softmaxTangent(1, x, x, 0, loose), named);
      }
    }
    w.nothingChangedBut("refused loose matrices");
  }

  @EveryWorkspace
  default void aBufferOfTheOtherTypeIsRefusedByName(Workspace w) {
    w.start(6);
    Kernels k = w.kernels;
    Buffer x = w.vector(w.gaussians(6));
    Buffer y = w.vector(w.gaussians(6));
    Matrix m = Matrix.of(x, 2, 3);
    Matrix out = Matrix.of(y, 2, 3);
    Buffer row = w.vector(w.gaussians(3));
    DType other = w.dtype == DType.F32 ? DType.F64 : DType.F32;
    String[] both = {"F32", "F64"};
    try (Buffer alien = w.device.allocate(other, 6);
        Buffer alienRow = w.device.allocate(other, 3);
        Buffer loss = w.device.allocate(DType.F64, 1)) {
      Matrix alienMatrix = Matrix.of(alien, 2, 3);
      Matrix square = Matrix.of(y, 2, 2);
      refused(() -> k.pack(alienMatrix), both);
      refused(() -> k.gemm(1, alienMatrix, m.t(), 0, square), both);
      refused(() -> k.gemm(1, m, alienMatrix.t(), 0, square), both);
      refused(() -> k.gemm(1, m, m.t(), 0, Matrix.of(alien, 2, 2)), both);
      try (PackedMatrix packed = w.device.kernels(other).pack(alienMatrix.t())) {
        refused(() -> k.gemm(1, m, packed, 0, square), both);
      }
      refused(() -> k.fill(1, alien), both);
      refused(() -> k.copy(alien, y), both);
      refused(() -> k.copy(x, alien), both);
      refused(() -> k.axpby(1, alien, 1, y), both);
      refused(() -> k.axpby(1, x, 1, alien), both);
      refused(() -> k.mul(alien, x, 0, y), both);
      refused(() -> k.mul(x, alien, 0, y), both);
      refused(() -> k.mul(x, x, 0, alien), both);
      refused(() -> k.mulAdd(alien, x, x, x, 0, y), both);
      refused(() -> k.mulAdd(x, alien, x, x, 0, y), both);
      refused(() -> k.mulAdd(x, x, alien, x, 0, y), both);
      refused(() -> k.mulAdd(x, x, x, alien, 0, y), both);
      refused(() -> k.mulAdd(x, x, x, x, 0, alien), both);
      refused(() -> k.dot(alien, x), both);
      refused(() -> k.dot(x, alien), both);
      refused(() -> k.dot(1, alien, x, loss), both);
      refused(() -> k.dot(1, x, alien, loss), both);
      refused(() -> k.nrm2(alien), both);
      refused(() -> k.asum(alien), both);
      refused(() -> k.sum(alien), both);
      refused(() -> k.logSumExp(alien), both);
      refused(() -> k.max(alien), both);
      refused(() -> k.min(alien), both);
      refused(() -> k.maxAbs(alien), both);
      refused(() -> k.argmax(alien), both);
      refused(() -> k.argmin(alien), both);
      refused(() -> k.axpbyDot(1, alien, 1, y, y), both);
      refused(() -> k.axpbyDot(1, x, 1, alien, x), both);
      refused(() -> k.axpbyDot(1, x, 1, y, alien), both);
      refused(() -> k.normalise(alien), both);
      refused(() -> k.rowSums(alienMatrix, 0, row), both);
      refused(() -> k.rowSums(m, 0, alienRow), both);
      refused(() -> k.rowMax(alienMatrix, row), both);
      refused(() -> k.rowMax(m, alienRow), both);
      refused(() -> k.rowLogSumExp(alienMatrix, row), both);
      refused(() -> k.rowLogSumExp(m, alienRow), both);
      refused(() -> k.rowArgmax(alienMatrix, new int[2]), both);
      refused(() -> k.dots(alienMatrix, row, new double[2]), both);
      refused(() -> k.dots(m, alienRow, new double[2]), both);
      refused(() -> k.combine(new double[2], alienMatrix, row), both);
      refused(() -> k.combine(new double[2], m, alienRow), both);
      refused(() -> k.addRow(alienMatrix, row, out), both);
      refused(() -> k.addRow(m, alienRow, out), both);
      refused(() -> k.addRow(m, row, alienMatrix), both);
      refused(() -> k.scaleRows(1, alienMatrix, w.vector(1, 2), 0, out), both);
      refused(() -> k.scaleRows(1, m, alienRow, 0, out), both);
      refused(() -> k.scaleRows(1, m, w.vector(1, 2), 0, alienMatrix), both);
      refused(() -> k.columnSums(alienMatrix, 0, row), both);
      refused(() -> k.columnSums(m, 0, alienRow), both);
      refused(() -> k.activation(Activation.TANH, alien, y, null, null), both);
      refused(() -> k.activation(Activation.TANH, x, alien, null, null), both);
      refused(() -> k.activation(Activation.TANH, x, null, alien, null), both);
      refused(() -> k.activation(Activation.TANH, x, null, null, alien), both);
      refused(() -> k.softmaxCrossEntropy(1, alienMatrix, m, out, loss), both);
      refused(() -> k.softmaxCrossEntropy(1, m, alienMatrix, out, loss), both);
      refused(() -> k.softmaxCrossEntropy(1, m, m, alienMatrix, loss), both);
      refused(() -> k.softmaxTangent(1, alienMatrix, m, 0, out), both);
      refused(() -> k.softmaxTangent(1, m, alienMatrix, 0, out), both);
      refused(() -> k.softmaxTangent(1, m, m, 0, alienMatrix), both);
    }
    w.nothingChangedBut("refused types");
  }
}
