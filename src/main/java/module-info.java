// JTokkit has no module descriptor; it stays inside dev.evolute.app.data.
// EJML and Hipparchus have no module descriptors; they stay inside dev.evolute.app.study.
@SuppressWarnings("requires-automatic")
module dev.evolute.app {
  requires com.fasterxml.jackson.databind;
  requires dev.evolute.autodiff;
  requires ejml.core;
  requires ejml.ddense;
  requires hipparchus.core;
  requires hipparchus.ode;
  requires info.picocli;
  requires java.xml;
  requires jdk.incubator.vector;
  requires jdk.management;
  requires jtokkit;

  uses dev.evolute.app.engine.Engine;

  opens dev.evolute.app.cli to
      info.picocli;
}
