@SuppressWarnings("requires-automatic")
open module dev.evolute.bench {
  requires com.fasterxml.jackson.databind;
  requires dev.evolute.autodiff;
  requires info.picocli;
  requires jdk.incubator.vector;
  requires jdk.management;
  requires jmh.core;
}
