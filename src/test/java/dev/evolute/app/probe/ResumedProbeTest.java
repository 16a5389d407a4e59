package dev.evolute.app.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.study.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A probe that is ended and run again: its numbers are those of one that was not, to the byte. */
class ResumedProbeTest {
  @TempDir Path folder;

  /** A user who ends the probe where a condition holds, and counts what is computed. */
  private static final class User extends Progress {
    private final ByteArrayOutputStream said;
    private final BooleanSupplier enough;
    private long products;

    private User(BooleanSupplier enough, ByteArrayOutputStream said) {
      super(new PrintStream(said, true, StandardCharsets.UTF_8), true, false, () -> 0);
      this.enough = enough;
      this.said = said;
    }

    static User whoEndsIt(BooleanSupplier enough) {
      return new User(enough, new ByteArrayOutputStream());
    }

    static User patient() {
      return whoEndsIt(() -> false);
    }

    @Override
    public void add(long units) {
      super.add(units);
      products += units;
    }

    @Override
    public boolean interrupted() {
      if (enough.getAsBoolean()) {
        interrupt();
      }
      return super.interrupted();
    }

    boolean wasTold(String words) {
      return said.toString(StandardCharsets.UTF_8).contains(words);
    }
  }

  private User probe(String out, long seed, boolean fresh, User user) {
    Probe.run(
        new ProbeSettings(
            "mlp:784-6-10:tanh",
            "mnist-1k",
            40,
            Part.of(null),
            null,
            null,
            "cpu",
            1,
            null,
            seed,
            null,
            folder.resolve(out),
            fresh,
            null,
            "again"),
        user);
    return user;
  }

  /** All that it wrote but the time it took. */
  private List<String> results(String out) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String file : List.of("summary.json", "series.csv", "density.svg", "ends.svg")) {
      lines.addAll(Files.readAllLines(folder.resolve(out).resolve(file)));
    }
    lines.removeIf(line -> line.startsWith("  \"seconds\""));
    return lines;
  }

  private Path state(String out, String file) {
    return folder.resolve(out).resolve("checkpoint").resolve(file);
  }

  /** Whether some products of a stage are there. */
  private boolean isWithin(String out, String stage) {
    try {
      // Of 6 x 10 numbers at least, some times.
      return Files.size(state(out, stage + ".products")) > 2000;
    } catch (IOException notThere) {
      return false;
    }
  }

  @Test
  void endedInTheMiddleAndAtTheEndOfStagesItComesToTheSameBytes() throws IOException {
    User whole = probe("whole", 3, false, User.patient());
    assertFalse(Files.exists(folder.resolve("whole/checkpoint")));
    List<String> within = List.of("ends", "density", "frobenius-norm", "layer-0", "block-1-0");
    List<String> behind = List.of("ends", "trace", "layer-1");
    List<String> order =
        List.of("ends", "density", "trace", "frobenius-norm", "layer-0", "layer-1", "block-1-0");
    long products = 0;
    for (String stage : order) {
      if (within.contains(stage)) {
        User user = probe("parts", 3, false, User.whoEndsIt(() -> isWithin("parts", stage)));
        products += user.products;
        assertEquals(!stage.equals("ends"), user.wasTold("going on from the state in"));
        assertTrue(isWithin("parts", stage), stage);
      }
      if (behind.contains(stage)) {
        Path done = state("parts", stage + ".safetensors");
        products += probe("parts", 3, false, User.whoEndsIt(() -> Files.exists(done))).products;
        assertTrue(Files.exists(done), stage);
        assertFalse(Files.exists(state("parts", stage + ".products")), stage);
      }
      String summary = Files.readString(folder.resolve("parts/summary.json"));
      assertTrue(summary.contains("\"partial\" : true"), summary);
    }
    products += probe("parts", 3, false, User.patient()).products;
    assertEquals(results("whole"), results("parts"));
    assertFalse(Files.exists(folder.resolve("parts/checkpoint")));
    assertEquals(whole.products, products, "but for the first of an operator, none is made twice");

    // Cut short and damaged, as by a kill.
    probe("cut", 3, false, User.whoEndsIt(() -> isWithin("cut", "density")));
    Path file = state("cut", "density.products");
    byte[] there = Files.readAllBytes(file);
    there[there.length / 2] ^= 1;
    Files.write(file, Arrays.copyOf(there, there.length - 5));
    assertTrue(probe("cut", 3, false, User.patient()).wasTold("going on"));
    assertEquals(results("whole"), results("cut"));

    // Of another seed.
    probe("other", 4, false, User.whoEndsIt(() -> isWithin("other", "density")));
    User user = probe("other", 3, false, User.patient());
    assertTrue(user.wasTold("the state in " + folder.resolve("other/checkpoint") + " is of other"));
    assertFalse(user.wasTold("going on"));
    assertEquals(results("whole"), results("other"));
    assertFalse(Files.exists(folder.resolve("other/checkpoint")));

    probe("fresh", 3, false, User.whoEndsIt(() -> isWithin("fresh", "density")));
    User fresh = probe("fresh", 3, true, User.patient());
    assertFalse(fresh.wasTold("going on"));
    assertEquals(whole.products, fresh.products);
    assertEquals(results("whole"), results("fresh"));
  }
}
