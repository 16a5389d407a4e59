@SuppressWarnings("requires-automatic")
open module dev.evolute.bench {
  requires dev.evolute.autodiff;
  requires jmh.core;
}
