package dev.evolute.app.probe;

import dev.evolute.autodiff.curvature.BlockNorms;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Curvature;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.SpectralNorm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The Hessian layer by layer.
 *
 * @param layers names of the L layers
 * @param diagonal both ends of each layer's block
 * @param norms {@code [L x L]}, spectral norms of all blocks
 * @param products with blocks in all, those with transposes counted too
 */
record Blocks(List<String> layers, List<Ends> diagonal, double[][] norms, int products) {
  /** One block after the other, each a stage; a norm below the diagonal is that above it. */
  static Blocks of(Point point, Map<String, Block> layers, Lanczos.Options options, Stages stages) {
    List<Block> blocks = List.copyOf(layers.values());
    List<Ends> diagonal = new ArrayList<>();
    double[][] norms = new double[blocks.size()][blocks.size()];
    int products = 0;
    for (int i = 0; i < blocks.size(); i++) {
      Block rows = blocks.get(i);
      Ends ends =
          stages.take(
              "layer-" + i,
              Probe.USUAL_PRODUCTS,
              () ->
                  Ends.of(BlockNorms.ends(point, Curvature.HESSIAN, rows, options, stages::watch)),
              Ends::flat,
              Ends::of);
      diagonal.add(ends);
      norms[i][i] = Math.abs(ends.larger().value());
      products += ends.products();
      for (int j = 0; j < i; j++) {
        Block columns = blocks.get(j);
        SpectralNorm norm =
            stages.take(
                "block-" + i + "-" + j,
                Probe.USUAL_PRODUCTS,
                () ->
                    BlockNorms.norm(
                        point, Curvature.HESSIAN, rows, columns, options, stages::watch),
                Blocks::flat,
                Blocks::norm);
        norms[i][j] = norm.value();
        norms[j][i] = norm.value();
        products += 2 * norm.products();
      }
    }
    return new Blocks(List.copyOf(layers.keySet()), diagonal, norms, products);
  }

  private static double[][] flat(SpectralNorm norm) {
    return new double[][] {
      {norm.value(), norm.residual(), norm.products(), norm.converged() ? 1 : 0}
    };
  }

  private static SpectralNorm norm(double[][] flat) {
    double[] one = flat[0];
    return new SpectralNorm(one[0], one[1], (int) one[2], one[3] == 1);
  }
}
