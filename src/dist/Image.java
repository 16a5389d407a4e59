import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Makes the runtime image: a Java of the modules that Evolute needs, its jars, a launcher.
 *
 * <p>Arguments: the folder to make, the module's directory, its jar, the folder of its libraries,
 * and the time that every file is given. jlink links the JDK that runs this, so that an image is one
 * for this JDK's platform.
 */
final class Image {
  /** What our jars use; those without descriptors among them cannot be linked, and stay jars. */
  private static final String MODULES =
      "java.base,java.logging,java.xml,jdk.incubator.vector,jdk.management";

  /** JCuda's libraries for what is not called here. */
  private static final Set<String> UNUSED = Set.of("JCudaRuntime", "JNvPTXCompiler", "JCublas");

  private final Path image;

  private Image(Path image) {
    this.image = image;
  }

  public static void main(String[] arguments) throws Exception {
    Image image = new Image(Path.of(arguments[0]));
    Path module = Path.of(arguments[1]);
    image.clear();
    image.link();
    image.files(module);
    image.jars(Path.of(arguments[2]), Path.of(arguments[3]));
    FileTime built = FileTime.from(Instant.parse(arguments[4]));
    // Before classes are archived: an archive holds for jars of one time stamp, which unpacking keeps.
    image.date(built);
    image.archiveClasses();
    image.date(built);
    long bytes = image.bytes();
    System.out.printf("%s: %.1f MB%n", image.image, bytes / 1e6);
    if (bytes > 90e6) {
      throw new IllegalStateException(
          "the image has " + bytes + " bytes and may have 90 MB; see what has come into it");
    }
  }

  private void clear() throws IOException {
    if (Files.exists(image)) {
      for (Path file : all(image)) {
        Files.delete(file);
      }
    }
    Files.createDirectories(image.resolve("lib"));
  }

  /** Deepest first. */
  private static List<Path> all(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.sorted(Comparator.reverseOrder()).toList();
    }
  }

  private void link() throws IOException {
    ToolProvider jlink =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() -> new IllegalStateException("this JDK has no jlink; take another one"));
    PrintWriter out = new PrintWriter(System.out, true);
    int status =
        jlink.run(
            out,
            new PrintWriter(System.err, true),
            "--add-modules",
            MODULES,
            "--strip-debug",
            "--no-header-files",
            "--no-man-pages",
            "--compress=zip-9",
            "--output",
            image.resolve("runtime").toString());
    if (status != 0) {
      throw new IllegalStateException("jlink ended with status " + status);
    }
  }

  private void files(Path module) throws IOException {
    Path from = module.resolve("dist");
    Path launcher = image.resolve("evolute");
    Files.copy(from.resolve("evolute"), launcher);
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.copy(from.resolve("start"), image.resolve("lib/start"));
    Files.copy(from.resolve("NOTICE"), image.resolve("NOTICE"));
    Files.copy(module.resolve("../LICENSE"), image.resolve("LICENSE"));
  }

  private void jars(Path own, Path libraries) throws IOException {
    List<Path> jars = new ArrayList<>(List.of(own));
    try (Stream<Path> files = Files.list(libraries)) {
      files.forEach(jars::add);
    }
    for (Path jar : jars) {
      Path to = image.resolve("lib").resolve(jar.getFileName());
      if (jar.getFileName().toString().matches("jcu.*-natives-.*")) {
        copyUsed(jar, to);
      } else {
        Files.copy(jar, to, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** Two of JCuda's libraries are four fifths of its jar, one is an older cuBLAS. */
  private static void copyUsed(Path from, Path to) throws IOException {
    try (InputStream in = Files.newInputStream(from);
        ZipInputStream entries = new ZipInputStream(in);
        OutputStream out = Files.newOutputStream(to);
        ZipOutputStream kept = new ZipOutputStream(out)) {
      for (ZipEntry e = entries.getNextEntry(); e != null; e = entries.getNextEntry()) {
        String name = e.getName();
        if (UNUSED.stream().noneMatch(library -> name.contains("lib" + library + "-"))) {
          ZipEntry copy = new ZipEntry(name);
          copy.setTime(e.getTime());
          kept.putNextEntry(copy);
          entries.transferTo(kept);
        }
      }
    }
  }

  /**
   * Classes parsed once, for a quicker start. The launcher itself makes the archive, which holds for
   * one class path and for the options it was made with.
   */
  private void archiveClasses() throws IOException, InterruptedException {
    Path list = Files.createTempFile("evolute", ".classes");
    Path archive = image.resolve("lib/evolute.jsa").toAbsolutePath();
    launch("-Xshare:off -XX:DumpLoadedClassList=" + list);
    launch("-Xshare:dump -XX:SharedClassListFile=" + list + " -XX:SharedArchiveFile=" + archive);
    Files.delete(list);
  }

  private void launch(String options) throws IOException, InterruptedException {
    ProcessBuilder process =
        new ProcessBuilder(image.resolve("evolute").toAbsolutePath().toString(), "study");
    process.environment().put("EVOLUTE_JAVA_OPTS", options);
    Process started = process.redirectErrorStream(true).start();
    String said = new String(started.getInputStream().readAllBytes());
    if (started.waitFor() != 0) {
      throw new IllegalStateException("the launcher with " + options + " ended in: " + said);
    }
  }

  private void date(FileTime time) throws IOException {
    for (Path file : all(image)) {
      if (!Files.isSymbolicLink(file)) {
        Files.setLastModifiedTime(file, time);
      }
    }
  }

  private long bytes() throws IOException {
    long bytes = 0;
    for (Path file : all(image)) {
      if (Files.isRegularFile(file) && !Files.isSymbolicLink(file)) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }
}
