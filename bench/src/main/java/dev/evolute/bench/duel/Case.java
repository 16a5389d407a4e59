package dev.evolute.bench.duel;

/**
 * One line of a benchmark's table: what every contender does. As text it is {@code f32 1000x784x50
 * nt t1}.
 *
 * @param dtype {@code f32} or {@code f64}
 * @param what the problem, in the words of its benchmark
 * @param threads threads a contender may use
 */
public record Case(String dtype, String what, int threads) {
  /** Reads what {@link #toString} writes. */
  public static Case parse(String text) {
    int first = text.indexOf(' ');
    int last = text.lastIndexOf(" t");
    if (first < 0 || last <= first) {
      throw new IllegalArgumentException(
          "case: '" + text + "' given, 'f32 64x64x64 nn t1' is how one reads");
    }
    return new Case(
        text.substring(0, first),
        text.substring(first + 1, last),
        Integer.parseInt(text.substring(last + 2)));
  }

  @Override
  public String toString() {
    return dtype + " " + what + " t" + threads;
  }
}
