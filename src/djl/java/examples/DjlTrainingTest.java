package examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** DJL's training is followed from the first step to the last. */
class DjlTrainingTest {
  @Test
  void everyStepHasItsLargestEigenvalue() {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true));
    try {
      DjlTraining.main(new String[0]);
    } finally {
      System.setOut(before);
    }
    List<String> lines = out.toString().lines().toList();
    assertEquals(21, lines.size(), out.toString());
    double last = Double.NaN;
    for (String line : lines) {
      double value = Double.parseDouble(line.split(" ")[1]);
      assertTrue(value > 0.1 && value < 100, line);
      // A step of descent moves the spectrum a little.
      assertTrue(Double.isNaN(last) || Math.abs(value - last) < 0.1 * last, line);
      last = value;
    }
  }
}
