package dev.evolute.autodiff.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A part of theta: ranges of its elements, in rising order and apart from each other. A block of
 * parameters has one range for each run of neighbours.
 *
 * @param ranges the ranges
 */
public record Block(List<Range> ranges) {
  /**
   * The elements {@code [from, from + length)} of theta.
   *
   * @param from the first element
   * @param length their number, at least 1
   */
  public record Range(long from, long length) {
    long end() {
      return from + length;
    }
  }

  /** Sorts the ranges and joins neighbours. */
  public Block {
    if (ranges.isEmpty()) {
      throw new IllegalArgumentException("block: no parameters given; name at least one");
    }
    List<Range> joined = new ArrayList<>();
    for (Range next : ranges.stream().sorted(Comparator.comparingLong(Range::from)).toList()) {
      if (next.from() < 0 || next.length() < 1) {
        throw new IllegalArgumentException(
            "block: "
                + next.length()
                + " elements from "
                + next.from()
                + " on; at least one, from 0 or later, is needed");
      }
      Range last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null && next.from() < last.end()) {
        throw new IllegalArgumentException(
            "block: element " + next.from() + " of theta is given twice");
      }
      if (last != null && next.from() == last.end()) {
        joined.set(joined.size() - 1, new Range(last.from(), last.length() + next.length()));
      } else {
        joined.add(next);
      }
    }
    ranges = List.copyOf(joined);
  }

  /** Whole parameters, for instance the weights and the bias of one layer. */
  public static Block of(Value... parameters) {
    for (Value value : parameters) {
      if (!value.isParameter()) {
        throw new IllegalArgumentException("block: " + value + " is not a parameter");
      }
    }
    return new Block(
        Arrays.stream(parameters).map(p -> new Range(p.offset(), p.shape().size())).toList());
  }

  /** The elements {@code [from, from + length)} of theta. */
  public static Block range(long from, long length) {
    return new Block(List.of(new Range(from, length)));
  }

  /** Number of elements. */
  public long size() {
    return ranges.stream().mapToLong(Range::length).sum();
  }

  /** Whether an element of the parameter is in the block. */
  boolean touches(Value parameter) {
    long from = parameter.offset();
    long end = from + parameter.shape().size();
    return ranges.stream().anyMatch(r -> r.from() < end && from < r.end());
  }

  /** The whole parameters of which the block has elements. */
  public Block covering(List<Value> parameters) {
    return of(parameters.stream().filter(this::touches).toArray(Value[]::new));
  }

  void within(long size) {
    long end = ranges.get(ranges.size() - 1).end();
    if (end > size) {
      throw new IllegalArgumentException(
          "block: element " + (end - 1) + " is beyond theta, which has " + size);
    }
  }
}
