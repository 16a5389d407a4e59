package dev.evolute.autodiff.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.nn.Model;
import dev.evolute.autodiff.op.BatchNorm;
import dev.evolute.autodiff.op.L2Penalty;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Theta goes into a file and comes back to the bit, or is refused in one sentence. */
class ParameterFileTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final FullyConnected MODEL =
      FullyConnected.of(Activation.TANH, 4, 3, 2).withBias();

  @TempDir Path folder;

  private static Program program(Model model, DType dtype) {
    Graph graph = new Graph();
    Value z = model.record(graph, graph.data("x", 2, 4));
    graph.loss(SquaredError.sum(), z, graph.data("y", 2, 2));
    Program program = Program.compile(graph, CPU, dtype, Program.Purpose.TRAINING);
    Initialisation.libraryDefault().fill(program, 5);
    return program;
  }

  private static void refuses(String message, Executable mistake) {
    Exception e = assertThrows(IllegalArgumentException.class, mistake);
    assertEquals(message, e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "a.safetensors, F32",
    "a.safetensors, F64",
    "a.npz, F32",
    "a.npz, F64",
    "a.npy, F32",
    "a.npy, F64"
  })
  void thetaComesBackToTheBit(String name, DType dtype) throws IOException {
    Path path = folder.resolve(name);
    try (Program one = program(MODEL, dtype);
        Program two = program(MODEL, dtype)) {
      double[] theta = one.theta().toArray();
      theta[0] = Double.NaN;
      theta[1] = -0.0;
      theta[2] = Double.NEGATIVE_INFINITY;
      theta[3] = dtype == DType.F32 ? Float.MIN_VALUE : Double.MIN_VALUE;
      one.theta().set(theta);
      ParameterFile.save(path, one);
      two.theta().set(new double[theta.length]);
      ParameterFile.load(path, two);
      assertArrayEquals(theta, two.theta().toArray());
      byte[] bytes = Files.readAllBytes(path);
      ParameterFile.save(path, two);
      assertArrayEquals(bytes, Files.readAllBytes(path), "the same theta gives the same file");
      try (Stream<Path> files = Files.list(folder)) {
        assertEquals(List.of(path), files.toList(), "nothing is left beside the file");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.safetensors", "a.npz", "a.npy"})
  void singlePrecisionIsWidenedAndDoubleIsNotRounded(String name) throws IOException {
    Path path = folder.resolve(name);
    try (Program narrow = program(MODEL, DType.F32);
        Program wide = program(MODEL, DType.F64)) {
      ParameterFile.save(path, narrow);
      ParameterFile.load(path, wide);
      assertArrayEquals(narrow.theta().toArray(), wide.theta().toArray());
      double[] before = narrow.theta().toArray();
      ParameterFile.save(path, wide);
      refuses(
          path
              + (name.equals("a.npy") ? "" : ", W1")
              + ": the file holds F64, theta F32, which would round; compile for F64, or round with"
              + " Tensor.to(DType.F32) and fill",
          () -> ParameterFile.load(path, narrow));
      assertArrayEquals(before, narrow.theta().toArray());
    }
  }

  @Test
  void arraysCanBeRoundedAndRenamedOnTheWay() throws IOException {
    Path path = folder.resolve("theirs.safetensors");
    try (Program wide = program(MODEL, DType.F64);
        Program narrow = program(MODEL, DType.F32)) {
      Initialisation.xavierNormal().fill(wide, 9);
      ParameterFile.save(path, wide);
      Map<String, Tensor> rounded = new LinkedHashMap<>();
      Safetensors.read(path).forEach((name, tensor) -> rounded.put(name, tensor.to(DType.F32)));
      ParameterFile.fill(rounded, narrow);
      double[] expected = wide.theta().toArray();
      for (int i = 0; i < expected.length; i++) {
        expected[i] = (float) expected[i];
      }
      assertArrayEquals(expected, narrow.theta().toArray());
    }
  }

  /** What PyTorch and NumPy would hold: biases as vectors. */
  @Test
  void dimensionsOfOneDoNotMatter() {
    try (Program program = program(MODEL, DType.F64)) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("W1", Tensor.of(DType.F64, new double[12], 3, 4));
      tensors.put("b1", Tensor.of(DType.F64, new double[] {1, 2, 3}, 3));
      tensors.put("W2", Tensor.of(DType.F64, new double[6], 2, 3));
      tensors.put("b2", Tensor.of(DType.F64, new double[] {4, 5}, 1, 2));
      ParameterFile.fill(tensors, program);
      double[] theta = program.theta().toArray();
      assertEquals(List.of(1.0, 3.0, 5.0), List.of(theta[12], theta[14], theta[22]));
      double[] before = theta.clone();
      tensors.put("W2", Tensor.of(DType.F64, new double[6], 3, 2));
      refuses(
          "parameters, W2: the array is [3, 2], expected [2, 3]",
          () -> ParameterFile.fill(tensors, program));
      tensors.remove("W2");
      tensors.put("head", Tensor.of(DType.F64, new double[6], 2, 3));
      refuses(
          "parameters: the names differ; not there: [W2], not in the graph: [head]",
          () -> ParameterFile.fill(tensors, program));
      assertArrayEquals(before, program.theta().toArray());
    }
  }

  @Test
  void filesThatDoNotFitAreNamed() throws IOException {
    Path npy = folder.resolve("a.npy");
    Npy.write(npy, Tensor.of(DType.F64, new double[7], 7));
    try (Program program = program(MODEL, DType.F64)) {
      refuses(npy + ": the array is [7], theta [23]", () -> ParameterFile.load(npy, program));
      Path other = folder.resolve("a.pt");
      refuses(
          other + ": the format follows from the name; end it with .safetensors, .npz or .npy",
          () -> ParameterFile.save(other, program));
      Path nowhere = folder.resolve("nowhere.npz");
      Exception e = assertThrows(IOException.class, () -> ParameterFile.load(nowhere, program));
      assertEquals(nowhere + ": there is no such file", e.getMessage());
      Path deep = folder.resolve("no").resolve("a.npz");
      Exception folderMissing =
          assertThrows(IOException.class, () -> ParameterFile.save(deep, program));
      assertEquals(
          deep + ": the folder " + folder.resolve("no") + " does not exist; create it first",
          folderMissing.getMessage());
    }
  }

  @Test
  void parametersOfOneNameCannotBeSaved() {
    Graph graph = new Graph();
    graph.loss(new L2Penalty(1), graph.parameter("w", 1, 2));
    graph.loss(new L2Penalty(1), graph.parameter("w", 1, 2));
    Path path = folder.resolve("a.npz");
    try (Program program = Program.compile(graph, CPU, DType.F64, Program.Purpose.TRAINING)) {
      refuses(
          "save: two parameters are named w; give each a name of its own",
          () -> ParameterFile.save(path, program));
    }
  }

  /** A write that fails leaves the old file as it was. */
  @Test
  void failedWritesLeaveTheOldFile() throws IOException {
    Path path = folder.resolve("a.bin");
    Files.writeString(path, "old");
    assertThrows(
        IOException.class,
        () ->
            WholeFile.write(
                path,
                out -> {
                  out.write(new byte[100_000]);
                  throw new IOException("the disk is full");
                }));
    assertEquals("old", Files.readString(path));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  /** What a process that was killed has left goes with the next write; another's stays. */
  @Test
  void writesRemoveWhatTheKilledHaveLeft() throws Exception {
    Process process = new ProcessBuilder("true").start();
    assertEquals(0, process.waitFor());
    Path left = Files.createFile(folder.resolve(".a.bin." + process.pid() + "-1.tmp"));
    long alive = ProcessHandle.current().pid();
    Path writing = Files.createFile(folder.resolve(".a.bin." + alive + "-999999.tmp"));
    WholeFile.write(folder.resolve("a.bin"), out -> out.write(1));
    assertFalse(Files.exists(left));
    assertTrue(Files.exists(writing));
  }

  /** State stands beside the parameters, in F64, and comes back. */
  @Test
  void stateIsSavedWithTheParameters() throws IOException {
    Path path = folder.resolve("a.safetensors");
    Graph graph = new Graph();
    Value x = graph.data("x", 3, 2);
    Value h =
        graph.apply(
            new BatchNorm(true), x, graph.parameter("gamma", 1, 2), graph.parameter("beta", 1, 2));
    graph.loss(SquaredError.mean(3), h, graph.data("y", 3, 2));
    double[] variance = {2, 1 / 3.0};
    try (Program program = Program.compile(graph, CPU, DType.F32, Program.Purpose.TRAINING)) {
      program.state().get("gamma.variance").set(variance);
      ParameterFile.save(path, program);
      program.state().get("gamma.variance").set(new double[2]);
      ParameterFile.load(path, program);
      assertArrayEquals(variance, program.state().get("gamma.variance").toArray());
      Safetensors.write(path, Map.of("gamma", Tensor.of(DType.F32, new double[2], 2)));
      refuses(
          path
              + ": the names differ; not there: [gamma.mean, gamma.variance, beta], not in the"
              + " graph: []",
          () -> ParameterFile.load(path, program));
    }
  }

  private Path safetensors(String header, int bytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + text.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(text.length).put(text);
    return Files.write(folder.resolve("made.safetensors"), file.array());
  }

  private void refusesHeader(String message, String header, int bytes) throws IOException {
    Path path = safetensors(header, bytes);
    Exception e = assertThrows(IOException.class, () -> Safetensors.read(path));
    assertEquals(path + message, e.getMessage().split("\n")[0]);
  }

  private static String entry(String name, String shape, int from, int to) {
    return "\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, shape, from, to);
  }

  @Test
  void malformedSafetensorsAreRefused() throws IOException {
    String a = entry("a", "[2]", 0, 8);
    assertEquals(1, Safetensors.read(safetensors("{" + a + "}  ", 8)).size());
    assertEquals(0, Safetensors.read(safetensors("{}", 0)).size());
    refusesHeader(
        ", b: data_offsets begin at 4 where the array before ends at 8; there must be neither a"
            + " hole nor an overlap",
        "{" + a + "," + entry("b", "[2]", 4, 12) + "}",
        12);
    refusesHeader(
        ", b: data_offsets begin at 12 where the array before ends at 8; there must be neither a"
            + " hole nor an overlap",
        "{" + a + "," + entry("b", "[1]", 12, 16) + "}",
        16);
    refusesHeader(
        ", a: shape [3] of F32 takes 12 bytes, data_offsets are [0, 8]",
        "{" + entry("a", "[3]", 0, 8) + "}",
        8);
    refusesHeader(
        ", a: shape [-1]; each size must be from 0 to 2147483583",
        "{" + entry("a", "[-1]", 0, 8) + "}",
        8);
    refusesHeader(
        ", a: shape [65536, 65536] has more than the 2147483583 elements that can be read",
        "{" + entry("a", "[65536,65536]", 0, 8) + "}",
        8);
    refusesHeader(": the arrays take 8 bytes, the file has 9; they are too many", "{" + a + "}", 9);
    refusesHeader(
        ", a: the header lacks its dtype, shape or two data_offsets",
        "{\"a\":{\"dtype\":\"F32\"}}",
        0);
    refusesHeader(
        ": the header is not that of safetensors: START_ARRAY where START_OBJECT belongs",
        "[1]",
        0);
    refusesHeader(": the header is not that of safetensors: START_OBJECT after its end", "{}{}", 0);
    refusesHeader(
        ": the header is not the JSON of safetensors: Duplicate field 'a'",
        "{" + a + "," + a + "}",
        8);
    refusesHeader(
        ": the header is not that of safetensors: VALUE_NUMBER_FLOAT where VALUE_NUMBER_INT"
            + " belongs",
        "{" + entry("a", "[2.5]", 0, 8) + "}",
        8);
  }

  @Test
  void damagedArchivesAreNoticed() throws IOException {
    Path path = folder.resolve("a.npz");
    Npz.write(path, Map.of("W1", Tensor.of(DType.F64, new double[] {1, 2, 3}, 3)));
    byte[] bytes = Files.readAllBytes(path);
    int one = -1;
    for (int i = 0; i < bytes.length - 7; i++) {
      if (ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getDouble(i) == 2) {
        one = i;
      }
    }
    bytes[one] = 1;
    Files.write(path, bytes);
    Exception e = assertThrows(IOException.class, () -> Npz.read(path));
    assertEquals(
        path + ": W1.npy is damaged; its checksum is not the one it came with", e.getMessage());
  }

  /** Whatever bytes stand in a file, reading it ends in an array or one sentence. */
  @Test
  void damagedFilesNeverEndInAnythingElse() throws IOException {
    Random random = new Random(1);
    Map<String, Tensor> tensors = Map.of("W1", Tensor.of(DType.F32, new double[6], 2, 3));
    for (String name : new String[] {"a.safetensors", "a.npz", "a.npy"}) {
      Path path = folder.resolve(name);
      for (int k = 0; k < 200; k++) {
        switch (name) {
          case "a.safetensors" -> Safetensors.write(path, tensors);
          case "a.npz" -> Npz.write(path, tensors);
          default -> Npy.write(path, tensors.get("W1"));
        }
        byte[] bytes = Files.readAllBytes(path);
        for (int flips = random.nextInt(3); flips >= 0; flips--) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        Files.write(path, bytes);
        try {
          switch (name) {
            case "a.safetensors" -> Safetensors.read(path);
            case "a.npz" -> Npz.read(path);
            default -> Npy.read(path);
          }
        } catch (IOException e) {
          assertEquals(IOException.class, e.getClass(), e.toString());
        }
      }
    }
  }
}
