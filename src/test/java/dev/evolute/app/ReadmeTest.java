package dev.evolute.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Dataset;
import dev.evolute.kernels.Device;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What src/docs shows in Java works as it stands. */
class ReadmeTest {
  @TempDir Path folder;

  /** The one Java example that contains a text, in the pages that show more than a whole file. */
  private static String example(String text) throws Exception {
    StringBuilder pages = new StringBuilder();
    for (String page : List.of("embedding.md", "tutorial.md")) {
      pages.append(Files.readString(SourceTree.root().resolve("src/docs").resolve(page)));
    }
    List<String> found =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(pages)
            .results()
            .map(block -> block.group(1))
            .filter(block -> block.contains(text))
            .toList();
    assertEquals(1, found.size(), "examples in src/docs with " + text);
    return found.get(0);
  }

  /** Compiles code as the body of a method, runs it, and returns what it prints. */
  private String run(String parameters, String body, Object... arguments) throws Exception {
    String source =
        """
        import dev.evolute.autodiff.curvature.*;
        import dev.evolute.autodiff.graph.*;
        import dev.evolute.autodiff.io.*;
        import dev.evolute.autodiff.nn.*;
        import dev.evolute.autodiff.op.*;
        import dev.evolute.autodiff.optim.*;
        import dev.evolute.kernels.*;
        import dev.evolute.spectral.*;
        import java.nio.file.Path;
        import java.util.List;

        public class Example {
          // What a trainer of the reader's own has: f = theta^T diag(1, 2, ..., n) theta / 2.
          static class Trainer {
            void gradient(double[] theta, double[] g) {
              java.util.Arrays.setAll(g, i -> (i + 1) * theta[i]);
            }

            void product(double[] v, double[] hv) {
              gradient(v, hv);
            }

            // Each sample is its own class, so that there is something to learn.
            void load(Program program, int[] batch) {
              for (Value value : program.graph().data()) {
                int cols = value.shape().cols();
                double[] values = new double[batch.length * cols];
                for (int i = 0; i < batch.length; i++) {
                  values[i * cols + batch[i] %% cols] = 1;
                }
                program.set(value, values);
              }
            }
          }

          public static void run(%s) throws Exception {
        %s
          }
        }
        """
            .formatted(parameters, body);
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
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      System.setOut(new PrintStream(printed, true));
      Arrays.stream(loader.loadClass("Example").getMethods())
          .filter(method -> method.getName().equals("run"))
          .findFirst()
          .orElseThrow()
          .invoke(null, arguments);
    } finally {
      System.setOut(before);
    }
    return printed.toString().strip();
  }

  @Test
  void embeddingExamplePrintsAnEigenvalueWithItsResidual() throws Exception {
    Dataset data = DataSets.open("mnist-1k", null);
    String printed =
        run(
            "double[] images, double[] oneHotLabels",
            example("hessian = Point.of(program)"),
            data.inputs(),
            data.oneHot());
    String[] parts = printed.split(" \\+- ");
    assertEquals(2, parts.length, printed);
    double lambdaMax = Double.parseDouble(parts[0]);
    assertTrue(lambdaMax > 1 && Double.parseDouble(parts[1]) < 1e-3 * lambdaMax * 1.01);
  }

  @Test
  void theTutorialEndsInADensity() throws Exception {
    Dataset data = DataSets.open("mnist-1k", null);
    String printed =
        run(
            "double[] images, double[] oneHotLabels",
            example("products, integral"),
            data.inputs(),
            data.oneHot());
    String[] parts = printed.split(" products, integral ");
    assertEquals(40, Integer.parseInt(parts[0]));
    assertEquals(1, Double.parseDouble(parts[1]), 1e-6);
  }

  @Test
  void pointHandsOutWhatTheReadmeShows() throws Exception {
    String model = example("graph.parameter");
    String program =
        """
            try (Device device = Device.open("cpu", 1);
                Program program =
                    Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE);
                Buffer secondMoments = device.allocate(DType.F64, program.size());
                Buffer memory = device.allocate(DType.F64, 5 * program.size())) {
              program.kernels().fill(1, secondMoments);
              Matrix rows = Matrix.of(memory, 5, (int) program.size());
              Initialisation.heNormal(Activation.RELU).fill(program, 1);
        """;
    assertEquals("630 600 200", run("", model + program + example("weightedByLoss") + "}"));
  }

  @Test
  void theWholeSpectrumIsAsTheReadmeShows() throws Exception {
    String program =
        """
            try (Device device = Device.open("cpu", 1);
                Program program =
                    Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE)) {
              Initialisation.heNormal(Activation.RELU).fill(program, 1);
        """;
    String[] printed =
        run("", example("graph.parameter") + program + example("Trace.hutchPlusPlus") + "}")
            .split("\\s+");
    assertEquals(1, Double.parseDouble(printed[0]), 1e-12);
    assertTrue(Double.parseDouble(printed[1]) <= Double.parseDouble(printed[2]));
    // All data are 0: the layers do not know of each other, and the penalty 1e-3 is all there is.
    assertEquals(0, Double.parseDouble(printed[3]), 1e-15);
    assertEquals(1e-3, Double.parseDouble(printed[4]), 1e-9);
  }

  @Test
  void theTrackerFollowsADescentAsTheReadmeShows() throws Exception {
    String program =
        """
            try (Device device = Device.open("cpu", 1);
                Program program =
                    Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE)) {
              Initialisation.heNormal(Activation.RELU).fill(program, 1);
              double eta = 0.1;
        """;
    String[] lines =
        run("", example("graph.parameter") + program + example("Tracker.Options top") + "}")
            .split("\n");
    assertEquals(100, lines.length);
    for (String line : lines) {
      // All data are 0: the larger of the two penalties is the largest eigenvalue.
      String[] ends = line.split(" to ");
      assertEquals(1e-2, Double.parseDouble(ends[0]), 1e-8, line);
      assertEquals(1e-2, Double.parseDouble(ends[1]), 2e-5, line);
    }
  }

  @Test
  void chunksOfTheReadmeHaveTheLossOfAllSamples() throws Exception {
    Dataset data = DataSets.open("mnist-1k", null);
    try (Device device = Device.open("cpu", 1)) {
      String[] lines =
          run(
                  "Device device, double[] images, double[] labels",
                  example("ChunkPlan"),
                  device,
                  data.inputs(),
                  data.oneHot())
              .split("\n");
      String[] bytes = lines[0].split(" or ");
      assertTrue(Long.parseLong(bytes[1]) < Long.parseLong(bytes[0]), lines[0]);
      String[] point = lines[1].split(" ");
      assertEquals(Math.log(10), Double.parseDouble(point[0]), 1);
      assertEquals("39700", point[1]);
    }
  }

  @Test
  void modelOfTheReadersOwnIsSavedLoadedAndEvaluated() throws Exception {
    String gradient =
        """
            try (Device device = Device.open("cpu", 1);
                Program program =
                    Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE)) {
              double[] labels = new double[200];
              double[] ones = new double[200];
              java.util.Arrays.fill(ones, 1);
              program.set(y, labels);
              program.set(weights, ones);
              Initialisation.heNormal(Activation.RELU).fill(program, 1);
              %s
              System.out.println(Point.of(program).loss() + " of " + program.size());
            }
        """
            .formatted(
                example("ParameterFile")
                    .replace("Path.of(", "Path.of(\"" + folder + "\").resolve("));
    String[] printed = run("", example("graph.parameter") + gradient).split(" of ");
    assertTrue(Files.size(folder.resolve("model.safetensors")) > 8 * 660);
    // No sample says anything: the loss is log 2 and the penalties.
    assertTrue(Double.parseDouble(printed[0]) > Math.log(2), printed[0]);
    assertEquals("660", printed[1]);
  }

  @Test
  void loopOfTheReadersOwnLearns() throws Exception {
    String graph =
        """
            Trainer trainer = new Trainer();
            int samples = 200;
            Graph graph = new Graph();
            Value x = graph.data("x", 64, 20);
            Value z = FullyConnected.of(Activation.TANH, 20, 30, 10).record(graph, x);
            graph.loss(SoftmaxCrossEntropy.mean(64), z, graph.data("y", 64, 10));
        """;
    try (Device device = Device.open("cpu", 1)) {
      String printed = run("Device device", graph + example("new Sampler"), device);
      assertTrue(Double.parseDouble(printed) < 2, printed);
    }
  }

  @Test
  void productOfTheReadersOwnIsSolved() throws Exception {
    try (Device device = Device.open("cpu", 1)) {
      String types = "Device device, int size, double[] point";
      String trainer = "Trainer trainer = new Trainer();\n";
      Object[] arguments = {device, 50, new double[50]};
      String exact = run(types, trainer + example("trainer.product"), arguments);
      assertEquals(50, Double.parseDouble(exact.split(" ")[0]), 0.05);
      String[] lines = run(types, trainer + example("trainer.gradient"), arguments).split("\n");
      assertTrue(lines[0].startsWith("differences of gradients, step 4.8e-06, error "), lines[0]);
      String[] interval = lines[1].split(" to ");
      assertTrue(Double.parseDouble(interval[0]) <= 50 && Double.parseDouble(interval[1]) >= 50);
    }
  }
}
