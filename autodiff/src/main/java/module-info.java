/** Graphs of operations, models, optimisers, and curvature at a point. */
// EJML has no module descriptors; it stays inside dev.evolute.autodiff.nn. The application is not
// there yet when this is compiled.
@SuppressWarnings({"requires-automatic", "module"})
module dev.evolute.autodiff {
  requires com.fasterxml.jackson.core;
  requires ejml.core;
  requires ejml.ddense;
  requires jdk.management;
  requires transitive dev.evolute.kernels;

  exports dev.evolute.autodiff.curvature;
  exports dev.evolute.autodiff.graph;
  exports dev.evolute.autodiff.io;
  exports dev.evolute.autodiff.nn;
  exports dev.evolute.autodiff.op;
  exports dev.evolute.autodiff.optim;
  exports dev.evolute.autodiff.memory to
      dev.evolute.app;
}
