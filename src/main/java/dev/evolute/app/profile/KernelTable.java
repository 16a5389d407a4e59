package dev.evolute.app.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The calls of a timeline added up, the longest first. */
public final class KernelTable {
  /**
   * All calls of one kernel, or of one kernel on one shape.
   *
   * @param name of the kernel, with its shape where there is one a shape
   * @param calls how many
   * @param seconds of all
   * @param flops of all
   * @param bytes of all
   * @param launches of all
   */
  public record Row(
      String name, long calls, double seconds, double flops, double bytes, long launches) {
    private Row plus(KernelCall call) {
      return new Row(
          name,
          calls + 1,
          seconds + call.seconds(),
          flops + call.flops(),
          bytes + call.bytes(),
          launches + call.launches());
    }

    /** The share of its time that the roofline cannot spare it. */
    public double ofRoofline(Roofline roof) {
      return roof.seconds(flops, bytes) / seconds;
    }
  }

  private KernelTable() {}

  public static List<Row> byKernel(Timeline timeline) {
    return by(timeline, KernelCall::kernel);
  }

  public static List<Row> byShape(Timeline timeline) {
    return by(timeline, call -> call.kernel() + " " + call.shape());
  }

  private static List<Row> by(Timeline timeline, Function<KernelCall, String> key) {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (KernelCall call : timeline.calls()) {
      String name = key.apply(call);
      Row row = rows.getOrDefault(name, new Row(name, 0, 0, 0, 0, 0));
      rows.put(name, row.plus(call));
    }
    List<Row> sorted = new ArrayList<>(rows.values());
    sorted.sort(Comparator.comparingDouble(Row::seconds).reversed());
    return List.copyOf(sorted);
  }
}
