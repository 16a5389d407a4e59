package dev.evolute.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Dataset;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README.md shows works as it stands. */
class ReadmeTest {
  @TempDir Path folder;

  private static String readme() throws Exception {
    Path here = Path.of("").toAbsolutePath();
    Path root = Files.exists(here.resolve("README.md")) ? here : here.getParent();
    return Files.readString(root.resolve("README.md"));
  }

  @Test
  void embeddingExampleCompilesAndPrintsAnEigenvalueWithItsResidual() throws Exception {
    Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme());
    assertTrue(block.find(), "README.md has a Java example");
    String source =
        """
        import dev.evolute.autodiff.curvature.*;
        import dev.evolute.autodiff.graph.*;
        import dev.evolute.autodiff.nn.*;
        import dev.evolute.autodiff.op.*;
        import dev.evolute.kernels.*;
        import dev.evolute.spectral.*;

        public class Example {
          public static void run(double[] images, double[] oneHotLabels) {
        %s
          }
        }
        """
            .formatted(block.group(1));
    Path file = Files.writeString(folder.resolve("Example.java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of(
                      "-d",
                      folder.toString(),
                      "-proc:none",
                      "-cp",
                      System.getProperty("java.class.path")),
                  null,
                  files.getJavaFileObjects(file))
              .call();
      assertTrue(compiled, messages.toString());
    }
    Dataset data = DataSets.open("mnist-1k", null);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      System.setOut(new PrintStream(printed, true));
      loader
          .loadClass("Example")
          .getMethod("run", double[].class, double[].class)
          .invoke(null, data.inputs(), data.oneHot());
    } finally {
      System.setOut(before);
    }
    String[] parts = printed.toString().strip().split(" \\+- ");
    assertEquals(2, parts.length, printed.toString());
    double lambdaMax = Double.parseDouble(parts[0]);
    assertTrue(lambdaMax > 1 && Double.parseDouble(parts[1]) < 1e-3 * lambdaMax * 1.01);
  }
}
