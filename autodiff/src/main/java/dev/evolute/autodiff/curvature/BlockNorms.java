package dev.evolute.autodiff.curvature;

import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Curvature;
import dev.evolute.spectral.Eigenpair;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import dev.evolute.spectral.SpectralNorm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The spectral norms {@code ||A_ij||} of all blocks of a matrix of second derivatives at a point,
 * for example of all pairs of layers, and both ends of the spectra of its diagonal blocks. All
 * blocks share the primal values that the point keeps, and each pays only for the layers its
 * tangents pass: one product with each diagonal block of L layers of one width takes about as long
 * as (L + 1) / 2 products with the whole, where vectors padded with zeros would take L.
 *
 * <p>Diagonal blocks are solved by {@link Lanczos}, the others by Lanczos on {@code A_ij^T A_ij} or
 * {@code A_ij A_ij^T}, whichever is smaller: the Golub-Kahan recurrence.
 *
 * @param which the matrix A
 * @param blocks rows and columns of the matrix of blocks
 * @param diagonal both ends of each diagonal block, without vectors
 * @param norms row by row, L rows of L: each no larger than the true norm, up to rounding, and
 *     within its residual of some singular value of the block (of some {@code |eigenvalue|} on the
 *     diagonal). A product of an off-diagonal block's entry is two: with the block and with its
 *     transpose
 * @param products products with blocks in all, those with transposes counted too
 */
public record BlockNorms(
    Curvature which,
    List<Block> blocks,
    List<Extremes> diagonal,
    List<List<SpectralNorm>> norms,
    int products) {

  /**
   * Every block {@code (i, j)}; {@code ||A_ji|| = ||A_ij||} is computed once.
   *
   * @param blocks parts of theta, such as each parameter or each layer; they need not cover it
   * @param options tolerance (relative to the norm of each block), products and basis for each
   *     block; both ends are taken, and no vectors kept
   * @throws ArithmeticException if a product holds a NaN or an infinity
   */
  public static BlockNorms of(
      Point point, Curvature which, List<Block> blocks, Lanczos.Options options) {
    UnaryOperator<LinearOperator> unwatched = UnaryOperator.identity();
    List<Extremes> diagonal = ends(point, which, blocks, options.withEnd(Lanczos.End.BOTH));
    int count = blocks.size();
    List<List<SpectralNorm>> norms = new ArrayList<>();
    int products = 0;
    for (int i = 0; i < count; i++) {
      norms.add(new ArrayList<>(Collections.nCopies(count, null)));
      norms.get(i).set(i, norm(diagonal.get(i)));
      products += diagonal.get(i).products();
      for (int j = 0; j < i; j++) {
        SpectralNorm norm = norm(point, which, blocks.get(i), blocks.get(j), options, unwatched);
        norms.get(i).set(j, norm);
        norms.get(j).set(i, norm);
        products += 2 * norm.products();
      }
    }
    return new BlockNorms(
        which, List.copyOf(blocks), diagonal, norms.stream().map(List::copyOf).toList(), products);
  }

  /**
   * Both ends of the spectrum of each diagonal block alone: layer-wise lambda_max and lambda_min.
   *
   * @param options the end or ends wanted, tolerances, products and basis for each block; no
   *     vectors are kept
   * @see #of
   */
  public static List<Extremes> ends(
      Point point, Curvature which, List<Block> blocks, Lanczos.Options options) {
    return blocks.stream()
        .map(block -> ends(point, which, block, options, UnaryOperator.identity()))
        .toList();
  }

  /**
   * The same of one block, for a caller who counts the products, or ends them with an exception of
   * its own.
   *
   * @param watch stands before the operator that is solved
   */
  public static Extremes ends(
      Point point,
      Curvature which,
      Block block,
      Lanczos.Options options,
      UnaryOperator<LinearOperator> watch) {
    try (DiagonalBlock part = point.block(block)) {
      LinearOperator a =
          switch (which) {
            case HESSIAN -> part.hessian();
            case GAUSS_NEWTON -> part.gaussNewton();
            case RESIDUAL -> part.residualPart();
          };
      return Lanczos.extremes(watch.apply(a), options.withVectors(false));
    }
  }

  /** The norms alone, row by row {@code [L x L]}. */
  public double[][] values() {
    return norms.stream()
        .map(row -> row.stream().mapToDouble(SpectralNorm::value).toArray())
        .toArray(double[][]::new);
  }

  private static SpectralNorm norm(Extremes ends) {
    Eigenpair larger =
        Math.abs(ends.min().value()) > Math.abs(ends.max().value()) ? ends.min() : ends.max();
    return new SpectralNorm(
        Math.abs(larger.value()), larger.residual(), ends.products(), ends.converged());
  }

  /**
   * The norm {@code ||A_ij||} of one block beside the diagonal; see {@link #norms}.
   *
   * @param rows parameters i
   * @param columns parameters j
   * @param options tolerance, products and basis; of the Gram operator that is solved the upper end
   *     is taken
   * @param watch stands before that operator, {@code A_ij^T A_ij} or {@code A_ij A_ij^T} up to a
   *     factor that its first product sets
   * @throws ArithmeticException if a product holds a NaN or an infinity
   */
  public static SpectralNorm norm(
      Point point,
      Curvature which,
      Block rows,
      Block columns,
      Lanczos.Options options,
      UnaryOperator<LinearOperator> watch) {
    try (OffDiagonalBlock block = point.block(rows, columns)) {
      LinearMap map =
          switch (which) {
            case HESSIAN -> block.hessian();
            case GAUSS_NEWTON -> block.gaussNewton();
            case RESIDUAL -> block.residualPart();
          };
      try (LinearMapGram gram = new LinearMapGram(map)) {
        Eigenpair square;
        int products;
        try (Extremes found =
            Lanczos.extremes(
                watch.apply(gram), options.withEnd(Lanczos.End.MAX).withVectors(false))) {
          square = found.max();
          products = found.products();
        }
        // |sigma - sigma_i| = |sigma^2 - sigma_i^2| / (sigma + sigma_i) <= residual / sigma
        double sigma = Math.sqrt(Math.max(0, square.value()) * gram.unit());
        double residual = sigma > 0 ? square.residual() * gram.unit() / sigma : 0;
        return new SpectralNorm(sigma, residual, products, square.converged());
      }
    }
  }
}
