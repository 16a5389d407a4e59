package dev.evolute.autodiff.graph;

import dev.evolute.autodiff.memory.Memory;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How the loss of many samples is cut into chunks, and what that takes, before anything is
 * allocated. All chunks have one size but the last, which has what is left; terms without samples
 * are a part of their own and counted once.
 */
public final class ChunkPlan {
  final int samples;
  final int rows;

  /** Chunks of {@link #rows} samples. */
  final int full;

  final Layout chunk;

  /** The last chunk if it is smaller, else null. */
  final Layout rest;

  /** The terms without samples, or null. */
  final Layout common;

  /** Names of the data that have a row a sample. */
  final Set<String> sampled = new HashSet<>();

  private ChunkPlan(int samples, int rows, SampledLoss loss) {
    this.samples = samples;
    this.rows = Math.min(rows, samples);
    full = samples / this.rows;
    int left = samples % this.rows;
    Graph graph = record(loss, this.rows);
    // Data are recognised as samples by following the number of rows.
    Graph other = record(loss, left > 0 ? left : this.rows + 1);
    compare(graph, other, left > 0 ? left : this.rows + 1);
    chunk = new Layout(graph, terms(graph, true), true);
    rest = left > 0 ? new Layout(other, terms(other, true), true) : null;
    List<Value> unsampled = terms(graph, false);
    common = unsampled.isEmpty() ? null : new Layout(graph, unsampled, true);
  }

  /**
   * Cuts a loss over N samples.
   *
   * @param samples N, all samples
   * @param rows samples a chunk
   * @param loss recorded twice
   * @throws IllegalArgumentException if its recordings differ in more than their rows
   */
  public static ChunkPlan of(int samples, int rows, SampledLoss loss) {
    if (samples < 1 || rows < 1) {
      throw new IllegalArgumentException(
          "chunks: " + samples + " samples in chunks of " + rows + "; both must be at least 1");
    }
    return new ChunkPlan(samples, rows, loss);
  }

  private static Graph record(SampledLoss loss, int rows) {
    Graph graph = new Graph();
    loss.record(graph, rows);
    graph.close();
    return graph;
  }

  private void compare(Graph graph, Graph other, int otherRows) {
    if (!described(graph.parameters()).equals(described(other.parameters()))) {
      throw new IllegalArgumentException(
          "chunks: parameters are "
              + graph.parameters()
              + " for "
              + rows
              + " rows and "
              + other.parameters()
              + " for "
              + otherRows
              + "; they must not depend on the rows");
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < graph.data().size(); i++) {
      Value value = graph.data().get(i);
      Value twin = i < other.data().size() ? other.data().get(i) : null;
      if (!names.add(value.name()) || twin == null || !twin.name().equals(value.name())) {
        throw new IllegalArgumentException(
            "chunks: data are "
                + graph.data()
                + " and "
                + other.data()
                + "; every recording must name the same, each once");
      }
      if (twin.shape().equals(value.shape())) {
        continue;
      }
      if (!value.shape().equals(new Shape(rows, value.shape().cols()))
          || !twin.shape().equals(new Shape(otherRows, value.shape().cols()))) {
        throw new IllegalArgumentException(
            "chunks: data " + value + " have " + rows + " samples; samples must stand in rows");
      }
      sampled.add(value.name());
    }
    if (terms(graph, true).isEmpty()) {
      throw new IllegalArgumentException(
          "chunks: no term of the loss has samples in it; record data with the rows asked for");
    }
  }

  private static List<String> described(List<Value> values) {
    return values.stream().map(Value::toString).toList();
  }

  /** The terms with samples in them, or the others. */
  private List<Value> terms(Graph graph, boolean withSamples) {
    Set<Value> touched = new HashSet<>();
    graph.data().stream().filter(x -> sampled.contains(x.name())).forEach(touched::add);
    List<Value> found = new ArrayList<>();
    for (Value value : graph.computed()) {
      boolean has = value.inputs().stream().anyMatch(touched::contains);
      if (has) {
        touched.add(value);
      }
      if (value.op().isLoss() && has == withSamples) {
        found.add(value);
      }
    }
    return found;
  }

  /** Number of chunks. */
  public int chunks() {
    return full + (rest == null ? 0 : 1);
  }

  /** Whether there are terms without samples, which count once however the samples are cut. */
  public boolean hasCommonTerms() {
    return common != null;
  }

  /**
   * Bytes with the primal values of all chunks kept: a product runs tangents only. As in {@link
   * Program#estimate}, without padding.
   */
  public long bytesKept(DType dtype) {
    return vectorBytes(dtype) + onceBytes(dtype) + full * chunk.primalBytes(dtype);
  }

  /**
   * Bytes with the primal values of one chunk at a time: a product computes those of each chunk
   * anew.
   */
  public long bytesRecomputed(DType dtype) {
    if (full == 1) {
      return bytesKept(dtype);
    }
    return vectorBytes(dtype)
        + onceBytes(dtype)
        + chunk.primalBytes(dtype)
        + storeElements() * dtype.bytes();
  }

  /** Sums of gradients and products stand beside the vectors of the chunks. */
  private long vectorBytes(DType dtype) {
    return (6 * chunk.graph.size() + tangentElements()) * dtype.bytes();
  }

  long tangentElements() {
    long elements = chunk.tangentElements;
    if (rest != null) {
      elements = Math.max(elements, rest.tangentElements);
    }
    if (common != null) {
      elements = Math.max(elements, common.tangentElements);
    }
    return elements;
  }

  private long onceBytes(DType dtype) {
    return (rest == null ? 0 : rest.primalBytes(dtype))
        + (common == null ? 0 : common.primalBytes(dtype));
  }

  /** Elements of the samples of all full chunks. */
  private long storeElements() {
    return chunk.data.stream()
        .filter(x -> sampled.contains(x.name()))
        .mapToLong(x -> full * x.shape().size())
        .sum();
  }

  /** Within the memory of the machine. */
  public Chunks compile(Device device, DType dtype) {
    return compile(device, dtype, Memory.ofTheMachine());
  }

  /**
   * Keeps the primal values of all chunks if they fit into the budget, else those of one at a time.
   *
   * @param budget bytes
   * @throws IllegalArgumentException with the bytes needed if neither fits
   */
  public Chunks compile(Device device, DType dtype, long budget) {
    boolean kept = bytesKept(dtype) <= budget;
    if (!kept) {
      Memory.require(
          "chunks: " + samples + " samples, " + rows + " at a time,",
          bytesRecomputed(dtype),
          budget,
          "take fewer at a time");
    }
    return Chunks.compile(this, device, dtype, kept);
  }
}
