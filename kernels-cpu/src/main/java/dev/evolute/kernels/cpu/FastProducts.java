package dev.evolute.kernels.cpu;

import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;

/**
 * Products of f32 matrices on something that is faster and less exact than vectors. Shapes are
 * checked by the caller. What is not worth its while it declines, by the shape alone, and leaves C
 * as it was.
 */
public interface FastProducts {
  /**
   * {@code C = alpha (A B + D E) + beta C} and what follows.
   *
   * @param d null, with e, where there is one product
   * @param epilogue or null
   * @return whether it is done
   */
  boolean run(
      double alpha,
      Operand a,
      Operand b,
      Operand d,
      Operand e,
      double beta,
      Matrix c,
      Epilogue epilogue);

  /**
   * Many products of one shape; steps in elements.
   *
   * @return whether they are done
   */
  boolean batch(
      int count,
      double alpha,
      Matrix a,
      long aStep,
      Matrix b,
      long bStep,
      double beta,
      Matrix c,
      long cStep);
}
