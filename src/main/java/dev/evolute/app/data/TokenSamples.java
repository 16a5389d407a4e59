package dev.evolute.app.data;

/**
 * Stretches of a text that follow each other without overlap: x are tokens {@code [length]}, y the
 * token after each.
 */
public final class TokenSamples implements Samples {
  private final Tokens tokens;
  private final long from;
  private final int length;
  private final int count;

  /**
   * The stretches that lie within a part of a text.
   *
   * @param from first token of the part
   * @param to end of the part
   * @param length tokens of a stretch
   */
  public TokenSamples(Tokens tokens, long from, long to, int length) {
    this.tokens = tokens;
    this.from = from;
    this.length = length;
    // The last token of a stretch needs one after it.
    count = (int) Math.min(Integer.MAX_VALUE, Math.max(0, to - from - 1) / length);
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int inputs() {
    return length;
  }

  @Override
  public int targets() {
    return length;
  }

  @Override
  public void write(int sample, double[] x, int xAt, double[] y, int yAt) {
    long at = from + (long) sample * length;
    for (int i = 0; i < length; i++) {
      x[xAt + i] = tokens.at(at + i);
      y[yAt + i] = tokens.at(at + i + 1);
    }
  }
}
