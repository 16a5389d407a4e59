// JTokkit has no module descriptor; it stays inside dev.evolute.app.data.
@SuppressWarnings("requires-automatic")
module dev.evolute.app {
  requires com.fasterxml.jackson.databind;
  requires dev.evolute.autodiff;
  requires info.picocli;
  requires java.xml;
  requires jdk.incubator.vector;
  requires jdk.management;
  requires jtokkit;

  opens dev.evolute.app.cli to
      info.picocli;
}
