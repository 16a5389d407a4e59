package dev.evolute.app.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.SourceTree;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.kernels.Device;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is public changes on purpose or not at all: src/docs/api lists it, a file a module. */
class ApiListTest {
  private static final boolean WRITE = "write".equals(System.getProperty("api"));

  private static final String ANNOUNCE =
      "the public API of %s has changed:%n%s%nIf that is meant, write the list anew with `mvn -B -ntp"
          + " -pl src -am test -Dtest=ApiListTest -Dapi=write -Dsurefire.failIfNoSpecifiedTests=false`"
          + " and say it in CHANGELOG.md, beginning with **API:**";

  /** The class files of the module that a class is in: a folder, or a jar's content. */
  private static Path classes(Class<?> inside) throws Exception {
    URI place = inside.getProtectionDomain().getCodeSource().getLocation().toURI();
    Path path = Path.of(place);
    if (Files.isDirectory(path)) {
      return path;
    }
    FileSystem jar = FileSystems.newFileSystem(path, Map.of());
    return jar.getPath("/");
  }

  private static ModuleDescriptor descriptor(Path classes) throws IOException {
    try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
      return ModuleDescriptor.read(in);
    }
  }

  private static Set<String> exported(ModuleDescriptor module) {
    return module.exports().stream()
        .filter(exports -> !exports.isQualified())
        .map(ModuleDescriptor.Exports::source)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> api(Path classes) throws Exception {
    List<String> lines = new ArrayList<>();
    for (String exported : exported(descriptor(classes))) {
      lines.add("package " + exported);
      Set<String> names = new TreeSet<>();
      try (Stream<Path> files = Files.list(classes.resolve(exported.replace('.', '/')))) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
            .forEach(name -> names.add(name.substring(0, name.length() - ".class".length())));
      }
      for (String name : names) {
        lines.addAll(
            ApiLines.of(
                Class.forName(exported + "." + name, false, ApiListTest.class.getClassLoader())));
      }
    }
    return lines;
  }

  private static void check(Class<?> inside) throws Exception {
    Path classes = classes(inside);
    String module = descriptor(classes).name();
    List<String> now = api(classes);
    assertTrue(now.size() > 100, now.size() + " lines");
    Path list = SourceTree.root().resolve("src/docs/api/" + module + ".txt");
    if (WRITE) {
      Files.write(list, now);
    }
    List<String> listed = Files.readAllLines(list);
    String changes =
        Stream.concat(
                listed.stream().filter(line -> !now.contains(line)).map(line -> "  gone: " + line),
                now.stream().filter(line -> !listed.contains(line)).map(line -> "  new:  " + line))
            .limit(40)
            .collect(Collectors.joining(System.lineSeparator()));
    assertTrue(listed.equals(now), () -> ANNOUNCE.formatted(module, changes));
  }

  @Test
  void kernelsAndSolversAreAsListed() throws Exception {
    check(Device.class);
  }

  @Test
  void autodiffIsAsListed() throws Exception {
    check(Graph.class);
  }

  @Test
  void eightPackagesAreExportedAndTheRestIsNot() throws Exception {
    assertEquals(
        Set.of("dev.evolute.kernels", "dev.evolute.spectral"),
        exported(descriptor(classes(Device.class))));
    assertEquals(
        Stream.of("curvature", "graph", "io", "nn", "op", "optim")
            .map("dev.evolute.autodiff."::concat)
            .collect(Collectors.toSet()),
        exported(descriptor(classes(Graph.class))));
    for (String module : List.of("src/target", "kernels-gpu/target", "bench/target")) {
      Path classes = SourceTree.root().resolve(module).resolve("classes");
      if (Files.exists(classes.resolve("module-info.class"))) {
        assertEquals(Set.of(), exported(descriptor(classes)), module);
      }
    }
  }
}
