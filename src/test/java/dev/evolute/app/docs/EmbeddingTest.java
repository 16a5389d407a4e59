package dev.evolute.app.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.SourceTree;
import examples.HandWritten;
import examples.OwnMemory;
import examples.OwnOperator;
import examples.OwnTrainer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The README's three examples: the files in src/examples, short, and right. */
class EmbeddingTest {
  private static final String[] NONE = {};

  private static String source(String name) throws IOException {
    Path file = SourceTree.root().resolve("src/examples/java/examples/" + name + ".java");
    return Files.readString(file);
  }

  /** Without the package and what the README says in words. */
  private static String shown(String name) throws IOException {
    return source(name)
        .replaceFirst("package examples;\n\n", "")
        .replaceFirst("(?s)/\\*\\*.*?\\*/\n", "")
        .strip();
  }

  private static List<String> printed(Runnable example) {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true));
    try {
      example.run();
    } finally {
      System.setOut(before);
    }
    return out.toString().lines().toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"OwnMemory", "OwnOperator", "OwnTrainer"})
  void theReadmeShowsTheFileAsItIs(String name) throws IOException {
    String readme = Files.readString(SourceTree.root().resolve("README.md"));
    assertTrue(readme.contains("```java\n" + shown(name) + "\n```"), name);
    long lines = shown(name).lines().filter(line -> !line.isBlank()).count();
    assertTrue(lines < 20, name + " has " + lines + " lines");
  }

  @Test
  void aProductIsWrittenIntoTheCallersArray() {
    assertEquals(
        List.of(Arrays.toString(new float[] {4, 5, 10, 11})), printed(() -> OwnMemory.main(NONE)));
  }

  @Test
  void theNormOfAChainIsAsItsClosedFormHasIt() {
    String[] words = printed(() -> OwnOperator.main(NONE)).getFirst().split(" ");
    double cosine = Math.cos(Math.PI / 2 / 10_001);
    double norm = 4 * cosine * cosine;
    assertEquals(norm, Double.parseDouble(words[0]), 1e-3 * norm);
    assertTrue(Integer.parseInt(words[2]) < 200, words[2]);
  }

  @Test
  void alongATrainingTheLargestEigenvalueIsThatOfTheHessian() {
    List<String> lines = printed(() -> OwnTrainer.main(NONE));
    assertEquals(201, lines.size());
    HandWritten trainer = new HandWritten();
    for (int step = 0; step <= 200; step++) {
      if (step % 50 == 0) {
        double truth = lambdaMax(trainer);
        double value = Double.parseDouble(lines.get(step).split(" ")[1]);
        assertEquals(truth, value, 2e-3 * truth, lines.get(step));
      }
      trainer.step(0.2);
    }
  }

  /** Of the whole Hessian, differenced column by column. */
  private static double lambdaMax(HandWritten trainer) {
    int n = trainer.theta.length;
    double h = 1e-5;
    DMatrixRMaj hessian = new DMatrixRMaj(n, n);
    double[] up = new double[n];
    double[] down = new double[n];
    for (int j = 0; j < n; j++) {
      double[] at = trainer.theta.clone();
      at[j] += h;
      trainer.gradient(at, up);
      at[j] -= 2 * h;
      trainer.gradient(at, down);
      for (int i = 0; i < n; i++) {
        double half = (up[i] - down[i]) / (4 * h);
        hessian.add(i, j, half);
        hessian.add(j, i, half);
      }
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, false, true);
    assertTrue(eigen.decompose(hessian));
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      largest = Math.max(largest, eigen.getEigenvalue(i).getReal());
    }
    return largest;
  }
}
