/** Graphs of operations, models, optimisers, and curvature at a point. */
module dev.evolute.autodiff {
  requires transitive dev.evolute.kernels;

  exports dev.evolute.autodiff.curvature;
  exports dev.evolute.autodiff.graph;
  exports dev.evolute.autodiff.nn;
  exports dev.evolute.autodiff.op;
  exports dev.evolute.autodiff.optim;
}
