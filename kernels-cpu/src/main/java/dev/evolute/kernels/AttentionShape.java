package dev.evolute.kernels;

/**
 * The sizes of one scaled dot-product attention, and what it computes: {@code O = softmax(scale Q
 * K^T) V} for each batch entry and head. Operands are matrices as they leave a projection: samples
 * and times in rows, heads side by side in columns, any stride, so that a fused {@code [Q K V]}
 * projection is used in place by three views of it.
 *
 * @param batch independent sequences
 * @param heads query heads
 * @param keyHeads key and value heads, a divisor of {@code heads}: query head h reads key head
 *     {@code h / (heads / keyHeads)} (grouped-query attention; 1 is multi-query attention)
 * @param queries queries a sequence
 * @param keys keys and values a sequence
 * @param dim elements a head
 * @param causal whether query i sees only the keys {@code j <= i + keys - queries}, else all. A
 *     query that sees no key has output 0, statistic -infinity and gradient 0
 * @param scale factor of the scores, usually {@code 1 / sqrt(dim)}
 */
public record AttentionShape(
    int batch,
    int heads,
    int keyHeads,
    int queries,
    int keys,
    int dim,
    boolean causal,
    double scale) {
  /**
   * Checks them; see the components.
   *
   * @throws IllegalArgumentException if they do not fit together
   */
  public AttentionShape {
    if (batch < 0 || queries < 0 || keys < 0) {
      throw new IllegalArgumentException(
          "attention: batch "
              + batch
              + ", queries "
              + queries
              + ", keys "
              + keys
              + "; none may be negative");
    }
    if (heads < 1 || keyHeads < 1 || dim < 1 || heads % keyHeads != 0) {
      throw new IllegalArgumentException(
          "attention: "
              + heads
              + " heads of "
              + dim
              + " elements over "
              + keyHeads
              + " key heads; all must be positive and key heads must divide heads");
    }
    if (!Double.isFinite(scale)) {
      throw new IllegalArgumentException(
          "attention: scale " + scale + "; give a finite one, usually 1 / sqrt(dim)");
    }
    long longest = (long) batch * Math.max(queries, keys);
    if (longest > Integer.MAX_VALUE || (long) heads * dim > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "attention: operands of "
              + longest
              + " rows and "
              + (long) heads * dim
              + " columns; a matrix has at most "
              + Integer.MAX_VALUE
              + " of each, so cut the batch");
    }
  }

  /** Self-attention with as many key heads as heads and scale {@code 1 / sqrt(dim)}. */
  public static AttentionShape self(int batch, int heads, int time, int dim, boolean causal) {
    return new AttentionShape(batch, heads, heads, time, time, dim, causal, 1 / Math.sqrt(dim));
  }

  /**
   * What the forward pass reads and leaves behind, or the tangent of all that. Made once and used
   * again in every call.
   *
   * @param q {@code [batch queries x heads dim]}
   * @param k {@code [batch keys x keyHeads dim]}
   * @param v like k
   * @param o like q
   * @param lse {@code [batch x heads x queries]}, the log-sum-exp of the scaled scores a query sees
   * @throws IllegalArgumentException if an operand does not fit this shape
   */
  public Values values(Matrix q, Matrix k, Matrix v, Matrix o, Buffer lse) {
    return new Values(this, q, k, v, o, lse);
  }

  /**
   * A gradient of the output and where those of the inputs go, or the tangent of all that. Made
   * once and used again in every call.
   *
   * @param o like the output
   * @param q like the queries
   * @param k like the keys
   * @param v like the values
   * @throws IllegalArgumentException if an operand does not fit this shape
   */
  public Gradients gradients(Matrix o, Matrix q, Matrix k, Matrix v) {
    return new Gradients(this, o, q, k, v);
  }

  /** Operands of {@link AttentionShape#values}. */
  public record Values(AttentionShape shape, Matrix q, Matrix k, Matrix v, Matrix o, Buffer lse) {
    /**
     * Made by {@link AttentionShape#values}.
     *
     * @throws IllegalArgumentException if an operand does not fit the shape
     */
    public Values {
      shape.queryLike("q", q);
      shape.keyLike("k", k);
      shape.keyLike("v", v);
      shape.queryLike("o", o);
      long rows = (long) shape.batch * shape.heads * shape.queries;
      if (lse.length() != rows) {
        throw new IllegalArgumentException(
            "attention: lse has "
                + lse.length()
                + " elements; batch x heads x queries needs "
                + rows);
      }
    }
  }

  /** Operands of {@link AttentionShape#gradients}. */
  public record Gradients(AttentionShape shape, Matrix o, Matrix q, Matrix k, Matrix v) {
    /**
     * Made by {@link AttentionShape#gradients}.
     *
     * @throws IllegalArgumentException if an operand does not fit the shape
     */
    public Gradients {
      shape.queryLike("gradient of o", o);
      shape.queryLike("gradient of q", q);
      shape.keyLike("gradient of k", k);
      shape.keyLike("gradient of v", v);
    }
  }

  private void queryLike(String name, Matrix x) {
    check(name, x, batch * queries, heads * dim);
  }

  private void keyLike(String name, Matrix x) {
    check(name, x, batch * keys, keyHeads * dim);
  }

  private static void check(String name, Matrix x, int rows, int cols) {
    if (x.rows() != rows || x.cols() != cols) {
      throw new IllegalArgumentException(
          "attention: " + name + " is " + x + "; its shape needs [" + rows + " x " + cols + "]");
    }
    if (x.transposed()) {
      throw new IllegalArgumentException(
          "attention: " + name + " " + x + " is transposed; copy it row by row first");
    }
  }
}
