package dev.evolute.app.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evolute.app.UserException;
import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.data.Text;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.study.Progress;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.io.ParameterFile;
import dev.evolute.autodiff.nn.Decoder;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import dev.evolute.spectral.VectorFunction;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A probe of a small network on a few digits. */
class ProbeTest {
  private static final int SAMPLES = 40;
  private static final Set<Part> ALL = EnumSet.allOf(Part.class);
  private static final String MODEL = "mlp:784-6-10:tanh";

  @TempDir Path folder;

  private JsonNode probe(String name, Path weights, DType dtype, Progress progress)
      throws IOException {
    Path json = folder.resolve(name + ".json");
    Probe.run(
        new ProbeSettings(
            MODEL,
            "mnist-1k",
            SAMPLES,
            ALL,
            weights,
            dtype,
            "cpu",
            1,
            null,
            3,
            null,
            null,
            false,
            json,
            "again"),
        progress);
    return new ObjectMapper().readTree(Files.readString(json));
  }

  /** The same network, recorded by hand. */
  private static Program program(Device device) {
    Dataset data = DataSets.open("mnist-1k", null);
    Graph graph = new Graph();
    Value x = graph.data("x", SAMPLES, 784);
    Value y = graph.data("y", SAMPLES, 10);
    Value z = FullyConnected.of(Activation.TANH, 784, 6, 10).record(graph, x);
    graph.loss(SoftmaxCrossEntropy.mean(SAMPLES), z, y);
    Program program = Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE);
    program.set(x, Arrays.copyOf(data.inputs(), SAMPLES * 784));
    program.set(y, Arrays.copyOf(data.oneHot(), SAMPLES * 10));
    Initialisation.xavierUniform().fill(program, 3);
    return program;
  }

  @Test
  void theEndsAreThoseOfTheNetworkOnTheFirstSamples() throws IOException {
    JsonNode metrics = probe("f64", null, DType.F64, Progress.silent()).get("metrics");
    try (Device device = Device.open("cpu", 1);
        Program program = program(device)) {
      Point point = Point.of(program);
      assertEquals(point.loss(), metrics.get("loss").asDouble(), 1e-12);
      try (Extremes ends =
          Lanczos.extremes(
              point.hessian(), Lanczos.Options.defaults().withTolerance(1e-9).withSeed(8))) {
        double max = ends.max().value();
        double min = ends.min().value();
        assertEquals(max, metrics.get("lambdaMax").asDouble(), 1e-6 * max);
        assertEquals(min, metrics.get("lambdaMin").asDouble(), 1e-6 * max);
        assertTrue(
            metrics.get("lambdaMaxLower").asDouble() <= max
                && max <= metrics.get("lambdaMaxUpper").asDouble());
        assertTrue(metrics.get("lambdaMaxBound").asDouble() >= max);
        assertTrue(metrics.get("lambdaMinBound").asDouble() <= min);
      }
    }
  }

  @Test
  void theFileHasTheKeysOfASummary() throws IOException {
    JsonNode file = probe("keys", null, null, Progress.silent());
    List<String> keys =
        List.of(
            "evolute",
            "study",
            "quick",
            "seed",
            "machine",
            "settings",
            "data",
            "seconds",
            "metrics",
            "claims",
            "figures");
    keys.forEach(key -> assertTrue(file.has(key), key));
    assertEquals("probe", file.get("study").asText());
    assertEquals("f32", file.get("settings").get("precision").asText());
    assertEquals(SAMPLES, file.get("data").get("samples").asInt());
    JsonNode curve = file.get("density");
    double step = curve.get("at").get(1).asDouble() - curve.get("at").get(0).asDouble();
    double integral =
        StreamSupport.stream(curve.get("density").spliterator(), false)
            .mapToDouble(JsonNode::asDouble)
            .sum();
    assertEquals(1, step * integral, 1e-6);
    JsonNode layers = file.get("layers");
    assertEquals("[\"W1\",\"W2\"]", layers.get("names").toString());
    double corner = layers.get("norms").get(1).get(1).asDouble();
    assertEquals(file.get("metrics").get("lambdaMax_W2").asDouble(), corner, 1e-12);
    assertEquals(layers.get("norms").get(0).get(1), layers.get("norms").get(1).get(0));
  }

  @Test
  void theSameSeedGivesTheSameBytes() throws IOException {
    probe("first", null, null, Progress.silent());
    probe("second", null, null, Progress.silent());
    assertEquals(withoutTime("first"), withoutTime("second"));
  }

  private List<String> withoutTime(String name) throws IOException {
    return Files.readAllLines(folder.resolve(name + ".json")).stream()
        .filter(line -> !line.startsWith("  \"seconds\""))
        .toList();
  }

  @Test
  void weightsAreReadInTheirOwnPrecision() throws IOException {
    Path weights = folder.resolve("w.safetensors");
    try (Device device = Device.open("cpu", 1);
        Program program = program(device)) {
      ParameterFile.save(weights, program);
    }
    JsonNode file = probe("weights", weights, null, Progress.silent());
    assertEquals("f64", file.get("settings").get("precision").asText());
    assertEquals(
        probe("seed", null, DType.F64, Progress.silent()).get("metrics"), file.get("metrics"));
    String refused =
        assertThrows(
                UserException.class, () -> probe("refused", weights, DType.F32, Progress.silent()))
            .getMessage();
    assertTrue(refused.startsWith("--weights: they do not fit " + MODEL), refused);
  }

  @Test
  void aReportHasThreePictures() throws IOException {
    Path out = folder.resolve("report");
    Probe.run(
        new ProbeSettings(
            MODEL,
            "mnist-1k",
            SAMPLES,
            ALL,
            null,
            null,
            "cpu",
            1,
            null,
            3,
            null,
            out,
            false,
            null,
            "again"),
        Progress.silent());
    for (String file :
        List.of("report.html", "summary.json", "density.svg", "ends.svg", "blocks.svg")) {
      assertTrue(Files.size(out.resolve(file)) > 0, file);
    }
    assertTrue(Files.readString(out.resolve("series.csv")).startsWith("eigenvalue,density,"));
  }

  /** Three sequences of five bytes, and nothing but the ends. */
  @Test
  void theEndsOfADecoderAreThoseOfItsHessianOnTheFirstSequences() throws IOException {
    String text = "to be or not to be";
    Path file = Files.writeString(folder.resolve("text"), text);
    Path json = folder.resolve("decoder.json");
    String data = "text:" + file;
    String said =
        Probe.run(
            new ProbeSettings(
                "decoder:1-2-8-5",
                data,
                3,
                Part.of("ends"),
                null,
                DType.F64,
                "cpu",
                1,
                null,
                3,
                null,
                null,
                false,
                json,
                "again"),
            Progress.silent());
    assertTrue(said.contains("3 sequences of 5 tokens of " + data), said);
    JsonNode found = new ObjectMapper().readTree(Files.readString(json));
    assertFalse(found.has("density") || found.has("layers"));
    assertFalse(found.get("metrics").has("trace"));
    // 8/3 of the width, rounded up to whole vectors.
    Decoder decoder = new Decoder(256, 1, 2, 8, 32, 5, false);
    Graph graph = new Graph();
    Value x = graph.data("x", 3, 5);
    Value y = graph.data("y", 3, 5);
    graph.loss(SoftmaxCrossEntropy.mean(15).ofLabels(), decoder.record(graph, x), y);
    try (Device device = Device.open("cpu", 1);
        Program program = Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE)) {
      program.set(x, text.chars().limit(15).asDoubleStream().toArray());
      program.set(y, text.chars().skip(1).limit(15).asDoubleStream().toArray());
      decoder.start().fill(program, 3);
      try (Extremes ends =
          Lanczos.extremes(
              Point.of(program).hessian(),
              Lanczos.Options.defaults().withTolerance(1e-9).withSeed(8))) {
        double max = ends.max().value();
        JsonNode metrics = found.get("metrics");
        assertEquals(max, metrics.get("lambdaMax").asDouble(), 1e-6 * max);
        assertEquals(ends.min().value(), metrics.get("lambdaMin").asDouble(), 1e-6 * max);
        assertTrue(metrics.get("lambdaMaxLower").asDouble() <= max);
        assertTrue(metrics.get("lambdaMaxUpper").asDouble() >= max);
      }
    }
  }

  @Test
  void whatDoesNotFitTogetherIsRefused() {
    assertEquals(
        "model decoder:1-2-8-5 reads text, mnist-1k are images; give --data " + Text.NAMES,
        refused("decoder:1-2-8-5", "mnist-1k", 0));
    assertTrue(refused(MODEL, "text:/nowhere", 0).startsWith("/nowhere is neither a file"));
    assertEquals(
        "model " + MODEL + " does not read text; give " + NamedModel.OF_TEXT,
        refused(MODEL, text("some"), 0));
    assertTrue(refused("decoder:1-2-8-5", text("short"), 0).contains("too few"));
    assertEquals(
        "--parts: there is no 'all'; give some of ends, density, trace, layers, with commas between"
            + " them",
        assertThrows(UserException.class, () -> Part.of("all")).getMessage());
  }

  /** Before anything is allocated. */
  @Test
  void aDecoderThatDoesNotFitIsRefusedWithItsBytes() {
    String said = refused("decoder:24-16-4096-16", text("a text of twenty bytes"), 1);
    assertTrue(said.contains(" bytes, there are "), said);
    assertTrue(said.contains("--parts ends"), said);
  }

  private String text(String content) {
    try {
      return "text:" + Files.writeString(folder.resolve("text"), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String refused(String model, String data, int samples) {
    return assertThrows(
            RuntimeException.class,
            () ->
                Probe.run(
                    new ProbeSettings(
                        model, data, samples, ALL, null, null, "cpu", 1, null, 3, null, null, false,
                        null, "x"),
                    Progress.silent()))
        .getMessage();
  }

  @Test
  void whatIsEndedLeavesWhatThereIs() throws IOException {
    Progress ended = Progress.silent();
    ended.interrupt();
    JsonNode file = probe("ended", null, null, ended);
    assertTrue(file.get("partial").asBoolean());
    assertTrue(file.get("metrics").get("loss").asDouble() > 0);
    assertFalse(file.get("metrics").has("lambdaMax"));
  }

  /** Ended three products before the end, which is within the blocks. */
  @Test
  void whatIsEndedWithinTheBlocksLeavesTheRest() throws IOException {
    EndedAt never = new EndedAt(Integer.MAX_VALUE);
    JsonNode whole = probe("whole", null, null, never);
    JsonNode part = probe("part", null, null, new EndedAt(never.products - 3));
    assertTrue(part.get("partial").asBoolean());
    for (String name : List.of("lambdaMax", "lambdaMin", "trace", "frobeniusNorm")) {
      assertEquals(whole.get("metrics").get(name), part.get("metrics").get(name), name);
    }
    assertTrue(part.has("density"));
    assertFalse(part.has("layers"));
  }

  @Test
  void timesAreSaidAsPeopleSayThem() {
    assertEquals("23 µs", Probe.duration(2.3e-5));
    assertEquals("2.3 ms", Probe.duration(0.0023));
    assertEquals("250 ms", Probe.duration(0.25));
    assertEquals("1.5 s", Probe.duration(1.5));
    assertEquals("27 s", Probe.duration(27.2));
    assertEquals("2 minutes", Probe.duration(110));
    assertEquals("2.5 hours", Probe.duration(9000));
  }

  @Test
  void memoryHoldsWhateverPartTakesMost() {
    // Ten probes of the density, 63 vectors each, and no more than 1 GiB.
    assertEquals(630 * 4 * 1000L, Probe.vectorBytes(1000, DType.F32, ALL));
    assertEquals(1L << 30, Probe.vectorBytes(1_000_000, DType.F32, ALL));
    // A single probe beyond that.
    assertEquals(63 * 8 * 10_000_000L, Probe.vectorBytes(10_000_000, DType.F64, ALL));
    // Ends of 70 million parameters, within 12 GiB.
    assertEquals(27 * 4 * 70_000_000L, Probe.vectorBytes(70_000_000, DType.F32, Part.of("ends")));
  }

  @Test
  void aSlowFirstProductIsNotWhatTheForecastCounts() {
    try (Device device = Device.open("cpu", 1)) {
      int[] count = new int[1];
      LinearOperator slow =
          LinearOperator.of(
              device,
              DType.F64,
              3,
              VectorFunction.onDoubles(
                  (v, hv) -> {
                    if (count[0]++ == 0) {
                      LockSupport.parkNanos(1_000_000_000L);
                    }
                    System.arraycopy(v, 0, hv, 0, 3);
                  }));
      assertTrue(new Stages(null, Progress.silent()).watch(slow).pace().seconds() < 0.5);
      assertTrue(count[0] >= 5);
    }
  }

  /** A user who ends the probe after some reports of products. */
  private static final class EndedAt extends Progress {
    private final int last;
    private int products;

    EndedAt(int last) {
      super(new PrintStream(PrintStream.nullOutputStream()), true, false, () -> 0);
      this.last = last;
    }

    @Override
    public void add(long units) {
      super.add(units);
      products++;
      if (products == last) {
        interrupt();
      }
    }
  }

  @Test
  void traceAndFrobeniusNormAreWithinTheirErrors() throws IOException {
    JsonNode metrics = probe("traces", null, DType.F64, Progress.silent()).get("metrics");
    try (Device device = Device.open("cpu", 1);
        Program program = program(device)) {
      Point point = Point.of(program);
      // Exact by rows of the Hessian in the parameters, a few thousand.
      double trace = 0;
      double square = 0;
      int size = Math.toIntExact(program.size());
      double[] unit = new double[size];
      try (Buffer x = device.allocate(DType.F64, size);
          Buffer y = device.allocate(DType.F64, size)) {
        for (int i = 0; i < size; i++) {
          unit[i] = 1;
          x.set(unit);
          unit[i] = 0;
          point.hessian().apply(x, y);
          double norm = program.kernels().nrm2(y);
          trace += program.kernels().dot(x, y);
          square += norm * norm;
        }
      }
      within(metrics, "trace", trace);
      within(metrics, "frobeniusNorm", Math.sqrt(square));
    }
  }

  private static void within(JsonNode metrics, String name, double truth) {
    double error = metrics.get(name + "StandardError").asDouble();
    assertTrue(error > 0 && error < 0.1 * truth, name + ": standard error " + error);
    assertEquals(truth, metrics.get(name).asDouble(), 4 * error, name);
  }
}
