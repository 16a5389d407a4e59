package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.PoolingShape;
import java.util.List;

/** One number for each window and channel of images. */
sealed interface Pooling extends Linear permits AveragePool, MaxPool {
  /** Sizes, the number of images included. */
  PoolingShape shape();

  @Override
  default int arity() {
    return 1;
  }

  @Override
  default Shape shape(List<Value> inputs) {
    PoolingShape s = shape();
    Images.check(name(), inputs.get(0), s.inputLength(), s);
    return Images.pixels(s.batch(), s.outputHeight(), s.outputWidth(), s.channels());
  }
}
