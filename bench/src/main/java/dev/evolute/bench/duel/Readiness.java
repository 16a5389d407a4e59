package dev.evolute.bench.duel;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What a contender says once it has prepared a case.
 *
 * @param work of a call, see {@link Contender#work}
 * @param memory in bytes, 0 where that is not known
 * @param fingerprint of the result, see {@link Contender#fingerprint}
 */
record Readiness(double work, long memory, double[] fingerprint) {
  /** ReLUs whose argument is within rounding of 0 differ, hence more than rounding in f32. */
  private static final double F32_TOLERANCE = 1e-3;

  private static final double F64_TOLERANCE = 1e-9;

  /** Reads what follows the first word of {@link #text}. */
  static Readiness parse(String text) {
    String[] words = text.split(" ");
    return new Readiness(
        Double.parseDouble(words[0]),
        Long.parseLong(words[1]),
        Arrays.stream(words).skip(2).mapToDouble(Double::parseDouble).toArray());
  }

  String text() {
    String numbers =
        Arrays.stream(fingerprint).mapToObj(x -> " " + x).collect(Collectors.joining());
    return "ready " + work + " " + memory + numbers;
  }

  /** Whether another one computes the same. */
  boolean agrees(Readiness other, String dtype) {
    if (fingerprint.length == 0 || other.fingerprint.length == 0) {
      return true;
    }
    double tolerance = fingerprint[0] * (dtype.equals("f32") ? F32_TOLERANCE : F64_TOLERANCE);
    for (int i = 0; i < fingerprint.length; i++) {
      if (!(Math.abs(fingerprint[i] - other.fingerprint[i]) <= tolerance)) {
        return false;
      }
    }
    return true;
  }
}
