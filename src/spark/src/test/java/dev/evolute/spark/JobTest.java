package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.junit.jupiter.api.Test;

class JobTest {
  private static JavaRDD<Integer> numbers() {
    return Local.spark().parallelize(List.of(3, 1, 2), 3);
  }

  @Test
  void resultsComeInTheOrderOfTheElements() {
    assertEquals(List.of(9, 1, 4), Job.run(numbers(), number -> number * number));
  }

  @Test
  void whatFailsInAnExecutorIsToldInItsOwnWords() {
    String sentence =
        assertThrows(
                UserException.class,
                () ->
                    Failures.told(
                        () ->
                            Job.run(
                                numbers(),
                                number -> {
                                  throw new IllegalStateException("no such number");
                                })))
            .getMessage();
    assertTrue(sentence.endsWith("failed: no such number"), sentence);
  }
}
